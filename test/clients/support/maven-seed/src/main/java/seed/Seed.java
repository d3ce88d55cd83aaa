package seed;

public final class Seed {
  private Seed() {}
}
