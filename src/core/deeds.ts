import type { Operation } from './event.ts'

/** What is done with things and people, finer than an `Operation`: to pay somebody and to write to somebody both send. */
export type Act =
  | 'look'
  | 'message'
  | 'pay'
  | 'share'
  | 'publish'
  | 'invite'
  | 'create'
  | 'book'
  | 'buy'
  | 'subscribe'
  | 'update'
  | 'delete'
  | 'cancel'
  | 'run'
  | 'build'
  | 'admin'

interface Row {
  readonly operation: Operation
  readonly acts: readonly Act[]
  readonly verbs: string
}

/** The one table of verbs. A verb that stands in several rows speaks of all their acts; the first gives a tool its operation. */
const ROWS: readonly Row[] = [
  {
    operation: 'read',
    acts: ['look'],
    verbs: `get read fetch open view check retrieve download look show visit browse describe load lookup see inspect review compare
      count summarise summarize explain analyse analyze`,
  },
  { operation: 'list', acts: ['look'], verbs: 'list ls enumerate collect gather' },
  { operation: 'search', acts: ['look'], verbs: 'find search query look grep filter browse' },
  { operation: 'send', acts: ['message', 'pay', 'share'], verbs: 'send' },
  {
    operation: 'send',
    acts: ['message'],
    verbs: `forward email e-mail mail message notify reply respond answer tell dm write text ping contact inform schicke sende sendet
      schreibe envoie envoyez transférez transferez envía envia envíe envie reenvía reenvia encaminhe invia invii inoltra stuur verstuur отправь отправьте 发送 送信`,
  },
  { operation: 'send', acts: ['message', 'publish'], verbs: 'post' },
  {
    operation: 'send',
    acts: ['pay'],
    verbs:
      'transfer pay wire refund reimburse donate remit overweise überweise überweisen virez paga pague paghi betaal transfiere transfira',
  },
  {
    operation: 'send',
    acts: ['share'],
    verbs: 'share upload submit teile partagez comparte compartilhe condividi deel',
  },
  { operation: 'send', acts: ['publish'], verbs: 'publish tweet announce broadcast veröffentliche publiez publica' },
  { operation: 'send', acts: ['invite'], verbs: 'invite' },
  {
    operation: 'delete',
    acts: ['delete'],
    verbs: `delete remove erase drop clear purge destroy wipe trash truncate lösche löschen entferne supprime supprimez efface borra
      borre elimina elimine exclua apague cancella verwijder удали удалите 删除 削除`,
  },
  {
    operation: 'delete',
    acts: ['cancel'],
    verbs: 'cancel withdraw revoke terminate unsubscribe storniere annulez annule cancela',
  },
  {
    operation: 'update',
    acts: ['update'],
    verbs: `update edit modify set change rename move patch replace put reset adjust append mark label close swap switch turn
      unlock lock redirect point ändere setze modifiez changez cambia modifica wijzig`,
  },
  { operation: 'update', acts: ['update', 'book'], verbs: 'reschedule postpone' },
  {
    operation: 'create',
    acts: ['create'],
    verbs:
      'create make add insert write put save append draft new generate erstelle créez crea crie aggiungi añade maak',
  },
  { operation: 'create', acts: ['invite'], verbs: 'add' },
  {
    operation: 'create',
    acts: ['book'],
    verbs: 'book reserve schedule register arrange plan put rent buche réservez reserva prenota boek',
  },
  {
    operation: 'create',
    acts: ['buy'],
    verbs: 'order buy purchase kaufe bestelle achetez compra compre acquista koop',
  },
  { operation: 'create', acts: ['subscribe'], verbs: 'subscribe enroll enrol' },
  {
    operation: 'execute',
    acts: ['run'],
    verbs: `run exec execute eval bash shell python invoke call launch start deploy install merge push commit curl führe exécutez
      ejecuta execute esegui запусти`,
  },
  {
    operation: 'execute',
    acts: ['build', 'run', 'update', 'create'],
    verbs: 'build set-up fix solve resolve implement refactor improve repair migrate debug test develop',
  },
  { operation: 'admin', acts: ['admin'], verbs: 'grant assign approve enable disable configure admin' },
  { operation: 'admin', acts: ['invite', 'share'], verbs: 'grant' },
  { operation: 'update', acts: ['update', 'delete'], verbs: 'tidy clean organise organize sort' },
]

/** What a call deals with tells the acts of a general verb apart. */
const THINGS: readonly (readonly [things: string, acts: readonly Act[]])[] = [
  ['email emails mail mails message messages sms dm text letter reply comment chat', ['message']],
  ['money payment payments funds refund invoice transaction', ['pay']],
  ['event events calendar appointment appointments meeting reservation booking', ['book', 'create']],
  ['order orders purchase checkout', ['buy']],
  [
    'user users member members collaborator collaborators guest participant participants',
    ['invite', 'admin', 'delete', 'update'],
  ],
  ['post posts tweet page blog visibility', ['publish', 'create', 'update', 'delete']],
  ['permission permissions access role roles', ['admin', 'share']],
]

const listed = (text: string): readonly string[] => text.split(/\s+/)

interface Verb {
  readonly operation: Operation
  readonly acts: readonly Act[]
}

const BY_VERB = new Map<string, Verb>()
for (const { operation, acts, verbs } of ROWS) {
  for (const verb of listed(verbs)) {
    const known = BY_VERB.get(verb)
    BY_VERB.set(verb, {
      operation: known?.operation ?? operation,
      acts: [...new Set([...(known?.acts ?? []), ...acts])],
    })
  }
}
const BY_THING = new Map(THINGS.flatMap(([things, acts]) => listed(things).map((thing) => [thing, acts] as const)))

/** Verbs that name a thing as often: in a tool's name they count when nothing else does. */
const ALSO_THINGS: ReadonlySet<string> = new Set(
  listed(
    `mail email e-mail message text dm order post book share comment label mark point review view test plan call change draft build
    start answer write reply transfer purchase contact query search new python bash shell patch`,
  ),
)

/** Every verb that asks for a deed, for patterns. */
export const DEED_VERBS: readonly string[] = [...BY_VERB.keys()]

/** What a verb speaks of; nothing where it is none that is known. */
export const actsOfVerb = (word: string): readonly Act[] => BY_VERB.get(word)?.acts ?? []

/** Whether a word may be a thing as well as a deed: `an order`, `to order`. */
export const mayBeThing = (word: string): boolean => ALSO_THINGS.has(word)

const verbWithin = (word: string): string | undefined =>
  BY_VERB.has(word)
    ? word
    : [/s$/, /es$/, /d$/, /ed$/, /ing$/].map((end) => word.replace(end, '')).find((one) => BY_VERB.has(one))

/** For names that are written in one: `sendmail`, `readfile`. */
const verbBegun = (word: string): string | undefined =>
  DEED_VERBS.find((verb) => verb.length > 2 && /^[a-z]+$/.test(verb) && word.startsWith(verb))

const wordsOfName = (name: string): readonly string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '')

/** The verb in a tool's name: one that is nothing else, then one that may name a thing, then one that a word begins with. */
function verbOfName(words: readonly string[]): string | undefined {
  const verbs = words.flatMap((word) => verbWithin(word) ?? [])
  return (
    verbs.find((verb) => !ALSO_THINGS.has(verb)) ?? verbs[0] ?? words.map(verbBegun).find((verb) => verb !== undefined)
  )
}

/** The operation of a tool by the verb in its name; nothing where there is none. */
export function operationOfTool(name: string): Operation | undefined {
  const verb = verbOfName(wordsOfName(name))
  return verb === undefined ? undefined : BY_VERB.get(verb)?.operation
}

const OF_OPERATION: Readonly<Record<Operation, readonly Act[]>> = {
  read: ['look'],
  list: ['look'],
  search: ['look'],
  send: ['message', 'pay', 'share', 'publish', 'invite'],
  create: ['create', 'book', 'buy', 'subscribe', 'invite'],
  update: ['update'],
  delete: ['delete', 'cancel'],
  execute: ['run', 'build'],
  admin: ['admin', 'invite', 'share'],
}

/** What a call of a tool does, by its name and by the operation its producer says; the latter wins where they differ. */
export function actsOfTool(name: string, operation: Operation | undefined): readonly Act[] {
  const words = wordsOfName(name)
  const verb = verbOfName(words)
  const said = operation === undefined ? [] : OF_OPERATION[operation]
  const known = verb === undefined ? undefined : BY_VERB.get(verb)
  if (known === undefined || (operation !== undefined && known.operation !== operation)) return said
  const things = words.filter((word) => word !== verb).flatMap((word) => BY_THING.get(word) ?? [])
  const both = known.acts.filter((act) => things.includes(act))
  return both.length > 0 ? both : known.acts
}

/** What a user may have asked for who gets such a deed: what is put into a calendar is booked, an answer may be a post. */
const KIN: Readonly<Record<Act, readonly Act[]>> = {
  look: ['look'],
  message: ['message', 'share', 'publish', 'invite'],
  pay: ['pay', 'buy'],
  share: ['share', 'invite', 'admin', 'message'],
  publish: ['publish', 'message', 'create'],
  invite: ['invite', 'share', 'admin'],
  create: ['create', 'update', 'book', 'build'],
  book: ['book', 'create', 'update', 'invite', 'buy'],
  buy: ['buy', 'pay'],
  subscribe: ['subscribe', 'create', 'book'],
  update: ['update', 'create', 'build', 'admin'],
  delete: ['delete', 'cancel'],
  cancel: ['cancel', 'delete', 'update'],
  run: ['run', 'build'],
  build: ['run', 'build'],
  admin: ['admin', 'update', 'invite', 'share'],
}

/** Whether somebody who asked for some acts may have meant this one. */
export const isMeantBy = (act: Act, asked: readonly string[]): boolean => KIN[act].some((one) => asked.includes(one))
