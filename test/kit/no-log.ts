import type { ClientLog } from '../../src/adapters/kafka/client-log.ts'

/** Where nobody reads the log. */
export const noLog: ClientLog = { warn: () => undefined, debug: () => undefined, trace: () => undefined }
