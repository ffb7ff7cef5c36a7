import { printable } from '../core/index.ts'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text of an event between tags and in attributes. */
export const html = (text: string): string => printable(text).replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? '')
