/** Texts that begin so. */
export interface Prefix {
  readonly prefix: string
}

/** A text, or what texts begin with. */
export type TextMatch = string | Prefix

/** Whether a text is the one asked for, or begins as asked. */
export const fits = (asked: TextMatch, text: string): boolean =>
  typeof asked === 'string' ? asked === text : text.startsWith(asked.prefix)

/** Whether one of some texts is. */
export const anyFits = (asked: TextMatch, texts: readonly string[]): boolean => texts.some((text) => fits(asked, text))

/** `read*` for what begins with `read`; a text without a star at its end is itself. */
export const textMatch = (text: string): TextMatch => (text.endsWith('*') ? { prefix: text.slice(0, -1) } : text)

/** The reverse of `textMatch`. */
export const matchText = (asked: TextMatch): string => (typeof asked === 'string' ? asked : `${asked.prefix}*`)
