/** White space within a line that is more than one space, but for what indents it. */
const SPACED = /(?<=\S)[^\S\n]{2,}(?=\S)/g
const INVISIBLE = /[\u00ad\u200b-\u200f\u2060-\u2064\ufeff\u{e0000}-\u{e007f}]/gu

/**
 * As a reader sees it: characters without shape are gone, and line breaks that serialising wrote as escapes (`\\n` in JSON or
 * a printed object) are breaks again.
 */
export function asRead(text: string): string {
  const broken = text.includes('\\') ? text.replace(/(?:\\r)?\\n/g, '\n') : text
  return broken.replace(INVISIBLE, '').replace(SPACED, ' ')
}

/**
 * Where one record of printed data ends and the next begins: a key in small letters at the start of a line (YAML), or a
 * quoted key behind a closing quote (a printed object). An instruction does not reach over it.
 */
const RECORD =
  /\n(?=[ \t]*(?:- )?[a-z_][a-z0-9_]{0,30}:(?:[ \t]|$))|(?<=["'}\]])[ \t]*,[ \t]*(?=(?:"[^"\n]{1,60}"|'[^'\n]{1,60}')\s*:)/gm
/** Words that pose as who speaks and are no key. */
const ROLE = /^[ \t]*(?:system|assistant|user|developer|human|ai|todo|task|instructions?|steps?)\s*:/
/** Such a word as the value of a key, which stands before what it says. */
const ROLE_BEFORE = /"role"\s*:\s*"(?:system|user|assistant|developer)"$/

/** The records of a text. */
export function recordsOf(text: string): readonly string[] {
  const records: string[] = []
  for (const part of text.split(RECORD)) {
    const before = records.at(-1)
    if (before !== undefined && (ROLE.test(part) || ROLE_BEFORE.test(before)))
      records[records.length - 1] = `${before}\n${part}`
    else records.push(part)
  }
  return records
}
