"""People label what the model is unsure of: what to ask, in which tool, and their answers as training records.

questions     what is asked of a text, the same in every tool
pick          which texts to ask about
task          a text with the answers the model would give
label_studio, doccano   tasks out, answers in
answers       which tool an export is of; corrections of the page
records       answers in, training records out
"""
