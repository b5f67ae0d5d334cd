"""Patches that hide an error and patches that mend it, side by side: does the inspection tell them apart?"""
