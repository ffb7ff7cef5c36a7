import { remembered } from './remembered.ts'

/** The words of a tool's name, in small letters: `github.create_deployKey` → `github create deploy key`. */
export const wordsOf: (name: string) => string = remembered((name) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[^A-Za-z0-9]+/g, ' ')
    .toLowerCase()
    .trim(),
)

/** Whether the words of a tool's name match a pattern. */
export const says = (pattern: RegExp): ((words: string) => boolean) => remembered((words) => pattern.test(words))
