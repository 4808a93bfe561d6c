// Methods of three classes, called in an order that cannot be foretold.
class Virtual {
    static final int SHAPES = 1000;

    abstract static class Shape {
        abstract long area(long by);
    }

    static final class Square extends Shape {
        final long side;

        Square(long side) {
            this.side = side;
        }

        long area(long by) {
            long grown = side + by;
            return grown * grown;
        }
    }

    static final class Rectangle extends Shape {
        final long width, height;

        Rectangle(long width, long height) {
            this.width = width;
            this.height = height;
        }

        long area(long by) {
            return (width + by) * height;
        }
    }

    static final class Triangle extends Shape {
        final long base, height;

        Triangle(long base, long height) {
            this.base = base;
            this.height = height;
        }

        long area(long by) {
            return base * (height + by) >> 1;
        }
    }

    /** A shape with these sizes, of which class they say too. */
    static Shape shapeOf(int kind, long a, long b) {
        return switch (kind) {
            case 0 -> new Square(a);
            case 1 -> new Rectangle(a, b);
            default -> new Triangle(a, b);
        };
    }

    public static void main(String[] args) {
        long rounds = Long.parseLong(args[0]);
        Shape[] shapes = new Shape[SHAPES];
        long x = 42, sum = 0;
        for (int i = 0; i < SHAPES; i++) {
            x = x * 48271 % 2147483647;
            shapes[i] = shapeOf((int) (x % 3), x % 97, x % 89);
        }
        for (long round = 0; round < rounds; round++) {
            for (int i = 0; i < SHAPES; i++) sum += shapes[i].area(round & 7);
        }
        System.out.println(sum);
    }
}
