// What start-up costs: subtracted from the other kernels.
class Empty {
    public static void main(String[] args) {
        System.out.println(0);
    }
}
