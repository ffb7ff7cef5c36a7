import { describe, expect, it } from 'vitest'
import { type Config, readConfig } from '../../src/config/index.ts'

const read = (env: Record<string, string>): Config => readConfig({ env, folder: '/nowhere', detectors: [] }).config

const CLUSTER = {
  CATENARY_MODE: 'cluster',
  CATENARY_KAFKA__BROKERS: 'kafka-1:9092, kafka-2:9092',
  CATENARY_CLICKHOUSE__URL: 'http://clickhouse:8123',
  CATENARY_CONTENT__KEY: '00112233445566778899aabbccddeeff',
}

const told = (env: Record<string, string>): string => {
  try {
    read(env)
    return 'none'
  } catch (error) {
    return (error as Error).message
  }
}

describe('the mode', () => {
  it('is embedded, with both roles, where nothing is said', () => {
    const { mode, roles, kafka } = read({})
    expect({ mode, roles, brokers: kafka.brokers }).toEqual({
      mode: 'embedded',
      roles: ['consumer', 'api'],
      brokers: [],
    })
  })

  it('cluster takes brokers and roles as lists', () => {
    const config = read({ ...CLUSTER, CATENARY_ROLES: 'consumer' })
    expect(config.kafka.brokers).toEqual(['kafka-1:9092', 'kafka-2:9092'])
    expect(config.roles).toEqual(['consumer'])
    expect(config.kafka).toMatchObject({ toolCallsTopic: 'agent.tool-calls', threadsTopic: 'catenary.threads' })
  })

  it('cluster says what it lacks, by the variable to set', () => {
    const lacking = told({ CATENARY_MODE: 'cluster' })
    expect(lacking).toMatch(/CATENARY_KAFKA__BROKERS: is missing/)
    expect(lacking).toMatch(/CATENARY_CLICKHOUSE__URL: is missing/)
    expect(lacking).toMatch(/CATENARY_CONTENT__KEY: is missing.*openssl rand/)
  })

  it.each([
    [{ CATENARY_MODE: 'both' }, /CATENARY_MODE: must be one of embedded, cluster/],
    [{ CATENARY_ROLES: 'consumer,console' }, /CATENARY_ROLES: must be one of consumer, api/],
    [{ CATENARY_ROLES: ',' }, /CATENARY_ROLES: must name one at least/],
    [{ CATENARY_KAFKA__BROKERS: 'kafka-1' }, /CATENARY_KAFKA__BROKERS: must be host:port/],
    [{ CATENARY_KAFKA__OAUTH_TOPIC: 'agent oauth' }, /CATENARY_KAFKA__OAUTH_TOPIC: must be a topic name/],
    [{ CATENARY_KAFKA__OAUTH_TOPIC: 'agent.credentials' }, /CATENARY_KAFKA__OAUTH_TOPIC: is the name of another topic/],
    [{ CATENARY_KAFKA__HEARTBEAT_INTERVAL_MS: '20000' }, /HEARTBEAT_INTERVAL_MS: must be at most a third/],
  ])('refuses %j', (env, said) => {
    expect(told({ ...CLUSTER, ...env })).toMatch(said)
  })
})

describe('logging in at Kafka', () => {
  it.each([
    [{ SSL_CA_FILE: 'ca.pem' }, /SSL_CA_FILE: is of no use without TLS/],
    [{ SSL: 'true', SSL_CERT_FILE: 'me.pem' }, /SSL_KEY_FILE: is missing/],
    [{ SASL_MECHANISM: 'kerberos' }, /SASL_MECHANISM: must be one of plain, scram-sha-256/],
    [{ SASL_MECHANISM: 'plain' }, /SASL_USERNAME: is missing.*SASL_PASSWORD: is missing/s],
    [
      { SASL_MECHANISM: 'plain', SASL_USERNAME: 'a', SASL_PASSWORD: 'hunter2', SASL_PASSWORD_FILE: 'f' },
      /SASL_PASSWORD_FILE: is given beside kafka.saslPassword/,
    ],
    [{ SASL_MECHANISM: 'oauthbearer' }, /SASL_TOKEN_ENDPOINT: is missing.*SASL_CLIENT_SECRET: is missing/s],
  ])('is refused where something lacks: %j', (given, said) => {
    const env = Object.fromEntries(Object.entries(given).map(([key, value]) => [`CATENARY_KAFKA__${key}`, value]))
    expect(told({ ...CLUSTER, ...env })).toMatch(said)
    expect(told({ ...CLUSTER, ...env })).not.toContain('hunter2')
  })
})
