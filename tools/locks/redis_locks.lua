-- Locks with fencing tokens: one atomic step, chosen by its first argument.  redis_locks.py says what it means.
--
-- KEYS[1] is the one hash, so that the store is there as a whole or not at all: `run` (the server process
-- that the data belongs to), `counter` and `high` (the last number drawn, twice), `p<number>` for each granted
-- place, whose number is its fencing token, and `w<number>` for each waiting one.
-- KEYS[2] is the prefix of the waiters' bells: a list each, to which is pushed what was granted to its waiter.
-- A place is {o: owner, g: grant, x: exclusive, s: shared, l: seconds for which it counts unless it moves, b: beat,
-- e: stands for everything, t: the lease in seconds of one that waits, or has been granted and does not know, h: the
-- number of the bell that says so}.

local HASH, BELL = KEYS[1], KEYS[2]
local STEP, RUN, LONGEST, KNOWN = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local BELL_MS = 60000
local LARGEST = 9007199254740991 -- numbers are doubles, and count exactly up to here

local run, counter, high = nil, nil, nil
local granted, waiting = {}, {} -- number -> place

local function text_of(number) return string.format('%.0f', number) end

-- Whether this is still the store that gave out what it once gave out: the same server process, both copies of
-- the counter, and no number in sight that it has not drawn yet.
local function same_life()
  local last = counter and tonumber(counter)
  if run ~= RUN or not last or counter ~= high or last < KNOWN then return false end
  for number in pairs(granted) do if number > last then return false end end
  for number in pairs(waiting) do if number > last then return false end end
  return true
end

local function draw()
  local now = redis.call('TIME')
  local number = math.max((tonumber(counter) or 0) + 1, tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000))
  if number > LARGEST then error('the counter is used up') end
  counter = text_of(number)
  return number
end

local function write(kind, number, written)
  redis.call('HSET', HASH, 'counter', counter, 'high', counter, kind .. text_of(number), written)
end

-- Most often nobody else is there: then there is nothing to read and nobody to wake, and the rest of this file, whose
-- functions are made anew for each step, costs more than the step.
if STEP == 'arrive' and redis.call('HLEN', HASH) == 3 then
  run, counter, high = unpack(redis.call('HMGET', HASH, 'run', 'counter', 'high'))
  if same_life() then
    local number = draw()
    write('p', number, ARGV[5])
    return {'granted', number}
  end
elseif STEP == 'release' and redis.call('HLEN', HASH) == 4 then
  local place = redis.call('HGET', HASH, 'p' .. ARGV[5])
  if not place or cjson.decode(place).g ~= ARGV[6] then return 0 end
  redis.call('HDEL', HASH, 'p' .. ARGV[5])
  return 1
end

-- Begin a new life: nobody holds or waits, numbers go on above all that is known, and what earlier leases may
-- still be in force is stood for by one place that is in everybody's way for as long as a lease can last.
local function turn()
  local last = math.max(tonumber(counter) or 0, tonumber(high) or 0, KNOWN)
  for number in pairs(granted) do last = math.max(last, number) end
  for number in pairs(waiting) do last = math.max(last, number) end
  redis.call('DEL', HASH)
  granted, waiting, run, counter = {}, {}, RUN, text_of(last)
  local number = draw()
  local past = {o = 'an earlier life of this store', g = '', x = {}, s = {}, l = LONGEST, b = 0, e = 1}
  granted[number] = past
  redis.call('HSET', HASH, 'run', RUN)
  write('p', number, cjson.encode(past))
end

-- Its owner lives, and knows what it holds: the place counts as long as its lease.
local function beat(number, place)
  if place.h then
    redis.call('DEL', BELL .. text_of(place.h))
    place.l, place.t, place.h = place.t, nil, nil
  end
  place.b = place.b + 1
  redis.call('HSET', HASH, 'p' .. text_of(number), cjson.encode(place))
end

local function load()
  local flat = redis.call('HGETALL', HASH)
  for at = 1, #flat, 2 do
    local field, value = flat[at], flat[at + 1]
    local kind, number = string.sub(field, 1, 1), tonumber(string.sub(field, 2))
    if number and kind == 'p' then granted[number] = cjson.decode(value)
    elseif number and kind == 'w' then waiting[number] = cjson.decode(value)
    elseif field == 'run' then run = value
    elseif field == 'counter' then counter = value
    elseif field == 'high' then high = value end
  end
  for number, place in pairs(granted) do
    if place.h and redis.call('LLEN', BELL .. text_of(place.h)) == 0 then beat(number, place) end
  end
end

local function conflict(one, other)
  if one.e or other.e then return true end
  local theirs = {}
  for _, name in ipairs(other.s) do theirs[name] = 'shared' end
  for _, name in ipairs(other.x) do theirs[name] = 'exclusive' end
  for _, name in ipairs(one.x) do if theirs[name] then return true end end
  for _, name in ipairs(one.s) do if theirs[name] == 'exclusive' then return true end end
  return false
end

local function stands_before(wish, number, place, other, is_granted)
  return place.o ~= wish.o and (is_granted or not number or other < number) and conflict(wish, place)
end

local function drop(kind, number)
  local places = kind == 'p' and granted or waiting
  local bell = kind == 'w' and number or places[number].h
  places[number] = nil
  redis.call('HDEL', HASH, kind .. text_of(number))
  if bell then redis.call('DEL', BELL .. text_of(bell)) end
end

local function is_free(wish, number)
  for other, place in pairs(granted) do if stands_before(wish, number, place, other, true) then return false end end
  for other, place in pairs(waiting) do if stands_before(wish, number, place, other, false) then return false end end
  return true
end

-- Grant what is free now to those who wait for it, and ring their bells.  One that nobody listens to any more is not
-- heard, and its place goes on to count as a waiting one does.
local function hand_over()
  for number, place in pairs(waiting) do
    if is_free(place, number) then
      drop('w', number)
      local token, bell = draw(), BELL .. text_of(number)
      place.h, granted[token] = number, place
      write('p', token, cjson.encode(place))
      redis.call('RPUSH', bell, RUN .. ' ' .. text_of(token))
      redis.call('PEXPIRE', bell, BELL_MS)
    end
  end
end

-- Split what stands in the way into the living and those that the client saw unmoved for their whole time.
local function ahead(wish, number, dead)
  local living, gone, seen = 0, {}, {}
  local function look(kind, places)
    for other, place in pairs(places) do
      local blocks = stands_before(wish, number, place, other, kind == 'p')
      if blocks and dead[text_of(other)] == place.b then gone[#gone + 1] = {kind, other}
      elseif blocks then living = living + 1 end
      if other ~= number then
        seen[#seen + 1] = {other, place.b, tostring(place.l), place.o, blocks and 1 or 0}
      end
    end
  end
  look('p', granted)
  look('w', waiting)
  return living, gone, seen
end

-- What was asked for is stored as it came: it says how long the lease is, and its beat is 0.
local function grant(wish, gone)
  for _, one in ipairs(gone) do drop(one[1], one[2]) end
  local number = draw()
  granted[number] = wish
  write('p', number, ARGV[5])
  return {'granted', number}
end

local function enqueue(wish, patience)
  local number = draw()
  wish.t, wish.l = wish.l, patience
  waiting[number] = wish
  write('w', number, cjson.encode(wish))
  return number
end

local function own_places(owner)
  local found = {}
  for number, place in pairs(granted) do if place.o == owner then found[#found + 1] = {'p', number, place} end end
  for number, place in pairs(waiting) do if place.o == owner then found[#found + 1] = {'w', number, place} end end
  return found
end

-- wish, how long a waiting place counts, whether to wait, the dead
local function arrive()
  local wish, patience, waits, dead = cjson.decode(ARGV[5]), tonumber(ARGV[6]), ARGV[7], ARGV[8]
  load()
  if not same_life() then turn() end
  local own = own_places(wish.o)
  for _, one in ipairs(own) do drop(one[1], one[2]) end
  local answer
  local living, gone, seen = ahead(wish, nil, cjson.decode(dead))
  if living == 0 then answer = grant(wish, gone)
  elseif waits == '1' then answer = {'waiting', enqueue(wish, patience), seen}
  else answer = {'busy', 0, seen} end
  if #own > 0 or #gone > 0 then hand_over() end
  return answer
end

-- As above, and the number of the place we wait at; not waiting any longer gives it up.
local function step()
  local wish, patience, waits, dead = cjson.decode(ARGV[5]), tonumber(ARGV[6]), ARGV[7], ARGV[8]
  local number = tonumber(ARGV[9])
  load()
  if not same_life() then turn() end
  local own = waiting[number]
  if not own or own.g ~= wish.g then
    local other = own_places(wish.o)[1]
    -- It was handed over, or the answer was lost; or the same owner asks elsewhere, and its later request counts.
    if other and other[1] == 'p' and other[3].g == wish.g then
      beat(other[2], other[3])
      return {'granted', other[2]}
    end
    if other then return {'superseded', 0} end
    number = enqueue(wish, patience) -- we were thought dead: to the end of the queue
    own = wish
  end
  local living, gone, seen = ahead(own, number, cjson.decode(dead))
  if living == 0 then
    drop('w', number)
    local answer = grant(wish, gone)
    if #gone > 0 then hand_over() end
    return answer
  end
  if waits ~= '1' then
    drop('w', number)
    hand_over()
    return {'busy', 0, seen}
  end
  own.b = own.b + 1
  redis.call('HSET', HASH, 'w' .. text_of(number), cjson.encode(own))
  return {'waiting', number, seen}
end

-- token, grant
local function renew()
  local field = 'p' .. ARGV[5]
  local found = redis.call('HMGET', HASH, 'run', 'counter', 'high', field)
  run, counter, high = found[1], found[2], found[3]
  if not same_life() then
    load()
    turn()
    return 0
  end
  local place = found[4] and cjson.decode(found[4])
  if not place or place.g ~= ARGV[6] then return 0 end
  beat(tonumber(ARGV[5]), place)
  return 1
end

-- token, grant
local function release()
  load()
  local number = tonumber(ARGV[5])
  local place = granted[number]
  if not place or place.g ~= ARGV[6] then return 0 end
  drop('p', number)
  if next(waiting) and same_life() then hand_over() end
  return 1
end

local steps = {arrive = arrive, step = step, renew = renew, release = release}
return steps[STEP]()
