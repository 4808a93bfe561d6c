// What start-up costs: subtracted from the other kernels.
console.log(0);
