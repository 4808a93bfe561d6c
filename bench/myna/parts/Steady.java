import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.util.Arrays;

/**
 * Runs the `main` of a class so many times in one process: COUNT CLASS ARGUMENTS.
 *
 * What it prints goes to standard output once, if it is always the same; to standard error the mean of the CPU seconds that the
 * process took for a run of the second half, with those of the collector and the compiler. The clock of the process has steps
 * of 10 milliseconds, too long for a single run.
 */
class Steady {
    public static void main(String[] args) throws Exception {
        int count = Integer.parseInt(args[0]);
        Method main = Class.forName(args[1]).getDeclaredMethod("main", String[].class);
        main.setAccessible(true);
        Object[] arguments = {Arrays.copyOfRange(args, 2, args.length)};
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        PrintStream out = System.out;
        String first = null;
        long start = 0;
        for (int run = 0; run < count; run++) {
            if (run == count / 2) start = system.getProcessCpuTime();
            var buffer = new ByteArrayOutputStream();
            System.setOut(new PrintStream(buffer, true));
            main.invoke(null, arguments);
            String printed = buffer.toString();
            if (first != null && !first.equals(printed)) {
                throw new IllegalStateException("run " + run + " printed " + printed + " and not " + first);
            }
            first = printed;
        }
        long taken = system.getProcessCpuTime() - start;
        out.print(first);
        System.err.println(taken * 1e-9 / (count - count / 2));
    }
}
