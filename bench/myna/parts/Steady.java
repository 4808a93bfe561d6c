import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.util.Arrays;

/**
 * Runs the `main` of a class so many times in one process: COUNT CLASS ARGUMENTS.
 *
 * What it prints goes to standard output once, if it is always the same; to standard error the median of the CPU seconds
 * that the process took for each run of the second half, with those of the collector and the compiler.
 */
class Steady {
    public static void main(String[] args) throws Exception {
        int count = Integer.parseInt(args[0]);
        Method main = Class.forName(args[1]).getDeclaredMethod("main", String[].class);
        main.setAccessible(true);
        Object[] arguments = {Arrays.copyOfRange(args, 2, args.length)};
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        PrintStream out = System.out;
        double[] seconds = new double[count];
        String first = null;
        for (int run = 0; run < count; run++) {
            var buffer = new ByteArrayOutputStream();
            System.setOut(new PrintStream(buffer, true));
            long start = system.getProcessCpuTime();
            main.invoke(null, arguments);
            seconds[run] = (system.getProcessCpuTime() - start) * 1e-9;
            String printed = buffer.toString();
            if (first != null && !first.equals(printed)) {
                throw new IllegalStateException("run " + run + " printed " + printed + " and not " + first);
            }
            first = printed;
        }
        out.print(first);
        double[] half = Arrays.copyOfRange(seconds, count / 2, count);
        Arrays.sort(half);
        System.err.println(half[half.length / 2]);
    }
}
