/** The same keys with any words: what English must be, given Swedish. */
export type Texts<T> = { [Key in keyof T]: T[Key] extends string ? string : Texts<T[Key]> };
