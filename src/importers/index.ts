import { chat } from './chat.ts'
import { cloudtrail } from './cloudtrail.ts'
import { events } from './events.ts'
import type { Importer } from './importer.ts'

export * from './importer.ts'

/** Every importer, in the order in which they are asked whether a record is theirs. */
export const importers: readonly Importer[] = [cloudtrail, chat, events]
