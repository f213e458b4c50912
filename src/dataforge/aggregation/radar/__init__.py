"""What answers show of workers who are not what they seem: rings that share mistakes, people who change, and
others who hurry.

Pure: codes and floats in, findings with their evidence out. Evidence is a likelihood ratio against honest workers; its
mean under them is one at most, so that evidence e is found in an honest crowd with a probability of 1/e at most.
"""
