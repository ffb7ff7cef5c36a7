import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Who may log in at the secure listener of a test broker. */
export const LOGIN = { username: 'catenary', password: 'pass word=1' }

/** A listener that asks for a certificate and one that asks for a log-in over TLS. */
export interface Secure {
  /** `host:port`: TLS, and the client shows a certificate. */
  readonly mutualTls: string
  /** `host:port`: TLS, and SASL PLAIN, SCRAM or OAUTHBEARER (tokens without a signature). */
  readonly sasl: string
  /** The authority, and the client's certificate and key, as PEM files. */
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
}

/** What the broker's settings need besides, and what its storage is formatted with. */
export interface SecureParts {
  readonly secure: Secure
  readonly listeners: readonly string[]
  readonly protocols: readonly string[]
  readonly properties: string
  readonly formatArgs: readonly string[]
}

/** One certificate that signs itself is authority, broker and client in one: enough to see who is refused. */
export function secureParts(folder: string, tlsPort: number, saslPort: number): SecureParts {
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=test', '-addext', 'subjectAltName=IP:127.0.0.1']
  const files = ['-nodes', '-keyout', keyFile, '-out', certFile]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-days', '2', ...files, ...subject], {
    stdio: 'ignore',
  })
  const store = join(folder, 'broker.pem')
  writeFileSync(store, readFileSync(keyFile, 'utf8') + readFileSync(certFile, 'utf8'))
  const { username, password } = LOGIN
  return {
    secure: { mutualTls: `127.0.0.1:${tlsPort}`, sasl: `127.0.0.1:${saslPort}`, caFile: certFile, certFile, keyFile },
    listeners: [`TLS://127.0.0.1:${tlsPort}`, `LOGIN://127.0.0.1:${saslPort}`],
    protocols: ['TLS:SSL', 'LOGIN:SASL_SSL'],
    formatArgs: ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${username},password=${password}]`,
    ]),
    properties: `
ssl.keystore.type=PEM
ssl.keystore.location=${store}
ssl.truststore.type=PEM
ssl.truststore.location=${certFile}
listener.name.tls.ssl.client.auth=required
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
listener.name.login.plain.sasl.jaas.config=${MODULES}.plain.PlainLoginModule required user_${username}="${password}";
listener.name.login.scram-sha-256.sasl.jaas.config=${MODULES}.scram.ScramLoginModule required;
listener.name.login.scram-sha-512.sasl.jaas.config=${MODULES}.scram.ScramLoginModule required;
listener.name.login.oauthbearer.sasl.jaas.config=${MODULES}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";
`,
  }
}

const MODULES = 'org.apache.kafka.common.security'

/** An access token without a signature (JWT with `alg` `none`), as a broker takes it that was given no keys. */
export function unsignedToken(subject: string): string {
  const now = Math.floor(Date.now() / 1_000)
  const parts = [{ alg: 'none' }, { sub: subject, iat: now - 5, exp: now + 300 }]
  return `${parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`
}
