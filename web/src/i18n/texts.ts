import type { en } from "./en";

/** The same keys with any texts. */
export type Widened<T> = { readonly [Key in keyof T]: T[Key] extends string ? string : Widened<T[Key]> };

/** What every language must provide: the keys of the English texts. */
export type Texts = Widened<typeof en>;
