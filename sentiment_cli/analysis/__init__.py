"""From finished runs to what a person asks of them: which is better, and beyond doubt?"""
