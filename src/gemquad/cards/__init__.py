"""What is shared of a finished run: its student (`model`) and its silver (`silver`, `dataset`), each in a folder for the hub with a
card. The templates beside hold the text of the cards, `facts` and `licences` what they name."""
