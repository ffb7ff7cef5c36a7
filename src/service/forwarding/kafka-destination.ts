import type { Format } from '../../../schemas/forward/formats.ts'
import type { ClientLog } from '../../adapters/kafka/client-log.ts'
import type { KafkaAddress } from '../../adapters/kafka/connect.ts'
import { CatenaryError } from '../../core/index.ts'
import type { Destination } from '../../ports/index.ts'

/** What the client has to say is told by the outcomes. */
const quiet: ClientLog = { warn: () => undefined, debug: () => undefined, trace: () => undefined }

const RETRIES = 2

/** A topic of the settings' brokers. The client is loaded when it is first sent to. Throws `CAT_CONFIG` without brokers. */
export function kafkaDestination(address: KafkaAddress, topic: string, format: Format): Destination {
  if (address.brokers.length === 0)
    throw new CatenaryError('CAT_CONFIG', 'kafka.brokers is missing: this destination is a topic of those brokers')
  let opening: Promise<Destination> | null = null
  async function open(): Promise<Destination> {
    const [{ connectKafka }, { createKafkaDestination }] = await Promise.all([
      import('../../adapters/kafka/connect.ts'),
      import('../../adapters/kafka/destination.ts'),
    ])
    return createKafkaDestination({ kafka: connectKafka(address, quiet, { retries: RETRIES }), topic, format })
  }
  return {
    async send(parcels, signal) {
      opening ??= open()
      return (await opening).send(parcels, signal)
    },
    close: async () => (await opening)?.close(),
  }
}
