/** Parsers from unknown JSON to typed values: the only place where the shape of foreign data is checked. */

/** The answer was understood as JSON, but is not what the wire contract promises. */
export class MalformedError extends Error {
  constructor(path: string, wanted: string) {
    super(`${path} is not ${wanted}`);
    this.name = "MalformedError";
  }
}

/** Reads fields of one JSON object; a missing or wrong field throws {@link MalformedError}. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: string;

  constructor(value: unknown, path = "body") {
    if (!isRecord(value)) throw new MalformedError(path, "an object");
    this.#values = value;
    this.#path = path;
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined && this.#values[name] !== null;
  }

  /** The names of all fields. */
  get names(): string[] {
    return Object.keys(this.#values);
  }

  text(name: string): string {
    const value = this.#values[name];
    if (typeof value !== "string") throw new MalformedError(this.#at(name), "a text");
    return value;
  }

  /** The text, or `otherwise` if it is missing or something else. */
  textOr(name: string, otherwise: string): string {
    const value = this.#values[name];
    return typeof value === "string" ? value : otherwise;
  }

  number(name: string): number {
    const value = this.#values[name];
    if (typeof value !== "number" || !Number.isFinite(value)) throw new MalformedError(this.#at(name), "a number");
    return value;
  }

  numberOr(name: string, otherwise: number): number {
    const value = this.#values[name];
    return typeof value === "number" && Number.isFinite(value) ? value : otherwise;
  }

  /** True only for JSON true. */
  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  instant(name: string): Date {
    const value = new Date(this.text(name));
    if (Number.isNaN(value.getTime())) throw new MalformedError(this.#at(name), "a time");
    return value;
  }

  object(name: string): Fields {
    return new Fields(this.#values[name], this.#at(name));
  }

  /** The nested object, or null if it is missing or something else. */
  findObject(name: string): Fields | null {
    const value = this.#values[name];
    return isRecord(value) ? new Fields(value, this.#at(name)) : null;
  }

  /** The objects of a list. */
  objects(name: string): Fields[] {
    return objects(this.#values[name], this.#at(name));
  }

  /** The lists within a list. */
  lists(name: string): readonly (readonly unknown[])[] {
    const value = this.#values[name];
    if (!Array.isArray(value)) throw new MalformedError(this.#at(name), "a list");
    return value.map((item: unknown) => {
      if (!Array.isArray(item)) throw new MalformedError(this.#at(name), "a list of lists");
      return item as unknown[];
    });
  }

  /** The texts of a list, or of a single text. */
  texts(name: string): string[] {
    const value = this.#values[name];
    const list: unknown[] = Array.isArray(value) ? value : [value];
    return list.map((item) => {
      if (typeof item !== "string") throw new MalformedError(this.#at(name), "a text or a list of texts");
      return item;
    });
  }

  /** The numbers of a list; `otherwise` if it is missing or something else. */
  numbersOr(name: string, otherwise: readonly number[]): readonly number[] {
    const value = this.#values[name];
    return Array.isArray(value) && value.every((item) => typeof item === "number") ? value : otherwise;
  }

  /** All of it as JSON text; empty if there is nothing in it. */
  toText(): string {
    return this.names.length === 0 ? "" : JSON.stringify(this.#values, null, 2);
  }

  #at(name: string): string {
    return `${this.#path}.${name}`;
  }
}

/** The elements of a JSON array of objects. */
export function objects(value: unknown, path = "body"): Fields[] {
  if (!Array.isArray(value)) throw new MalformedError(path, "a list");
  return value.map((item, index) => new Fields(item, `${path}[${index}]`));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
