-- Start-up costs.
print("0")
