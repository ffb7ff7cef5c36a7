/** Something in a rule that cannot be read, and where: the document of the file and the path in it. */
export interface Mistake {
  readonly document: number
  readonly path: readonly (string | number)[]
  /** What is wrong and how to mend it. */
  readonly message: string
}

/** Where mistakes of one document are told. */
export type Tell = (path: readonly (string | number)[], message: string) => void
