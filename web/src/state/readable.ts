/** Values that can be read now and watched for change: what every view model is made of. */

export interface Readable<T> {
  readonly value: T;
  /** Calls `listener` after each change, not at once. The answer ends the subscription. */
  subscribe(listener: () => void): () => void;
}

/** A readable value that its owner sets. Setting the same value again tells nobody. */
export class Value<T> implements Readable<T> {
  readonly #listeners = new Set<() => void>();
  #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  update(change: (value: T) => T): void {
    this.set(change(this.#value));
  }

  subscribe(listener: () => void): () => void {
    // Wrapped, so that one function subscribed twice counts twice.
    const entry = (): void => listener();
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }
}

/** Things that happen once and are not kept: whoever is not listening misses them. */
export interface Happenings<T> {
  subscribe(listener: (happening: T) => void): () => void;
}

/** The side of {@link Happenings} that speaks. */
export class Announcer<T> implements Happenings<T> {
  readonly #listeners = new Set<(happening: T) => void>();

  announce(happening: T): void {
    for (const listener of [...this.#listeners]) listener(happening);
  }

  subscribe(listener: (happening: T) => void): () => void {
    const entry = (happening: T): void => listener(happening);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }
}
