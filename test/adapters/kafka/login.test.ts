import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { beforeAll, expect, it } from 'vitest'
import { checkTopicsOf } from '../../../src/adapters/kafka/check-topics.ts'
import { connectKafka } from '../../../src/adapters/kafka/connect.ts'
import { readConfig } from '../../../src/config/index.ts'
import { createTopics, describeKafka, KAFKA_START_MS, startSecureKafka } from '../../kit/kafka.ts'
import { LOGIN, type Secure, unsignedToken } from '../../kit/kafka-secure.ts'
import { noLog } from '../../kit/no-log.ts'

const TOPICS = ['agent.tool-calls', 'agent.credentials', 'agent.oauth', 'catenary.threads']
const OUT = ['catenary.alerts', 'catenary.dead-letters']

describeKafka('logging in at Kafka', () => {
  let secure: Secure
  let endpoint = ''
  let passwordFile = ''

  beforeAll(async () => {
    const kafka = await startSecureKafka()
    secure = kafka.secure
    await createTopics(kafka.brokers, Object.fromEntries([...TOPICS, ...OUT].map((topic) => [topic, 2])))
    passwordFile = secure.keyFile.replace('key.pem', 'password')
    writeFileSync(passwordFile, `${LOGIN.password}\n`)
    const server = createServer((request, response) => {
      const isKnown = request.headers.authorization === `Basic ${Buffer.from('catenary:s3cret').toString('base64')}`
      response.statusCode = isKnown ? 200 : 401
      const token = { access_token: unsignedToken('catenary'), token_type: 'Bearer', expires_in: 300 }
      response.end(JSON.stringify(isKnown ? token : { error: 'invalid_client' }))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    endpoint = `http://127.0.0.1:${(server.address() as { port: number }).port}/token`
    return async () => {
      server.closeAllConnections()
      server.close()
      await kafka.stop()
    }
  }, KAFKA_START_MS)

  /** The partitions of the topics, as one who is let in sees them. */
  function partitionsFor(broker: string, given: Record<string, string>): Promise<number> {
    const all = { BROKERS: broker, SSL: 'true', SSL_CA_FILE: secure.caFile, ...given }
    const env = Object.fromEntries(
      Object.entries(all)
        .filter(([, value]) => value !== '')
        .map(([key, value]) => [`CATENARY_KAFKA__${key}`, value]),
    )
    const { config } = readConfig({ env, folder: '/nowhere', detectors: [] })
    return checkTopicsOf(connectKafka(config.kafka, noLog, { retries: 1 }), config.kafka)
  }

  const user = { SASL_USERNAME: LOGIN.username, SASL_PASSWORD: LOGIN.password }

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'])('works by %s over TLS', async (mechanism) => {
    expect(await partitionsFor(secure.sasl, { SASL_MECHANISM: mechanism, ...user })).toBe(2)
  })

  it('works with a password in a file', async () => {
    const given = { SASL_MECHANISM: 'scram-sha-512', SASL_USERNAME: LOGIN.username, SASL_PASSWORD_FILE: passwordFile }
    expect(await partitionsFor(secure.sasl, given)).toBe(2)
  })

  it('works by an access token', async () => {
    const client = { SASL_TOKEN_ENDPOINT: endpoint, SASL_CLIENT_ID: 'catenary', SASL_CLIENT_SECRET: 's3cret' }
    expect(await partitionsFor(secure.sasl, { SASL_MECHANISM: 'oauthbearer', ...client })).toBe(2)
  })

  it('works by a certificate', async () => {
    const own = { SSL_CERT_FILE: secure.certFile, SSL_KEY_FILE: secure.keyFile }
    expect(await partitionsFor(secure.mutualTls, own)).toBe(2)
  })

  it.each([
    [
      'a wrong password',
      { SASL_MECHANISM: 'scram-sha-256', ...user, SASL_PASSWORD: 'hunter2' },
      /kafka\.saslMechanism/,
    ],
    ['no log-in where one is asked for', {}, /CATENARY_KAFKA__SASL_MECHANISM/],
    [
      'a broker whose certificate nobody vouches for',
      { SASL_MECHANISM: 'plain', ...user, SSL_CA_FILE: '' },
      /kafka\.sslCaFile/,
    ],
  ])('is refused with %s, and says what to change', async (_, given, said) => {
    const failed = partitionsFor(secure.sasl, given)
    await expect(failed).rejects.toThrow(said)
    await expect(failed).rejects.not.toThrow(/hunter2/)
  })

  it('is refused where the authorization server refuses the client', async () => {
    const client = { SASL_TOKEN_ENDPOINT: endpoint, SASL_CLIENT_ID: 'catenary', SASL_CLIENT_SECRET: 'hunter2' }
    const failed = partitionsFor(secure.sasl, { SASL_MECHANISM: 'oauthbearer', ...client })
    await expect(failed).rejects.toMatchObject({ code: 'CAT_CONFIG' })
    await expect(failed).rejects.toThrow(/invalid_client/)
  })
})
