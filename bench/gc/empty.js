// Start-up costs.
console.log("0");
