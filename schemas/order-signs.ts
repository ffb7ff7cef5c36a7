import { DEED_VERBS } from '../src/core/index.ts'

/** One way in which text turns from telling about something to telling its reader what to do. */
export interface Sign {
  readonly signal: 'override' | 'impersonation' | 'markup' | 'addresses-agent' | Hint
  /** Signs of weight 2 break the frame by themselves; those of weight 1 are everyday prose until they come together. */
  readonly weight: 1 | 2
  readonly pattern: RegExp
}

type Hint =
  | 'speaks-of-agents'
  | 'closes-data'
  | 'addresses-reader'
  | 'sequence'
  | 'task'
  | 'urgency'
  | 'tool-talk'
  | 'imperative'

/** Verbs that order a deed, where they start a sentence or follow a polite word. */
const DEEDS = [
  ...DEED_VERBS.filter((verb) => /^[a-z-]+$/.test(verb)),
  'click',
  'go',
  'give',
  'reveal',
  'disclose',
  'ask',
  'recommend',
  'use',
  'print',
  'output',
  'return',
].join('|')

/** How sentences in other tongues say the same: German, French, Spanish, Portuguese, Italian, Dutch. */
const FORGET = `vergiss|vergessen\\s+sie|ignoriere?n?|missachte|oublie[rz]?|ignore[rz]?|ignora|ignoren|olvid[ae]|olvide|esque[çc]a|desconsidere|dimentica|negeer|vergeet`
const EARLIER = `vorherig|bisherig|obig|fr[üu]her|anweisung|pr[ée]c[ée]dent|ant[ée]rieur|consigne|anterior|previa|instruc|instru[çc]|precedent|istruzion|vorige|eerdere|instructie`

export const SIGNS: readonly Sign[] = [
  {
    signal: 'override',
    weight: 2,
    pattern:
      /\b(?:ignore|disregard|forget|override|bypass|do not follow|stop following)\b[^.\n]{0,40}\b(?:previous|prior|above|earlier|preceding|all|any|other|your|original)\b/i,
  },
  { signal: 'override', weight: 2, pattern: new RegExp(`\\b(?:${FORGET})\\b[^.\\n]{0,50}(?:${EARLIER})`, 'i') },
  {
    signal: 'override',
    weight: 2,
    pattern:
      /(?:忽略|无视|無視|忘记)[^。\n]{0,20}(?:指令|指示|说明|命令)|(?:игнориру|забуд)[^.\n]{0,40}(?:инструкц|указан)/i,
  },
  {
    signal: 'override',
    weight: 2,
    pattern:
      /\b(?:new|updated|revised|real|actual|additional|special) (?:system )?(?:instructions?|task|objective|prompt)\b\s*(?:[:\n]|for you)/i,
  },
  {
    signal: 'override',
    weight: 2,
    pattern:
      /\b(?:admin(?:istrator)?|system|root|developer|safety) override\b|\boverride (?:code|mode|protocol)\b|\b(?:without|no) (?:any )?(?:restrictions|guardrails)\b|\b(?:developer|god|jailbreak|unrestricted) mode\b/i,
  },
  {
    signal: 'impersonation',
    weight: 2,
    pattern: /^[ \t]*(?:system|assistant|user|developer|human|ai)\s*:/im,
  },
  {
    signal: 'impersonation',
    weight: 2,
    pattern: /"role"\s*:\s*"(?:system|user|assistant|developer)"|<\|[a-z_]{2,20}\|>|\[\/?INST\]|<<\/?SYS>>/i,
  },
  {
    signal: 'impersonation',
    weight: 2,
    pattern:
      /\b(?:this is|it'?s me|it is me|i am|i'm|message from)\b[^.\n]{0,30}\b(?:your (?:user|owner|creator|developer|boss|admin|principal)|the (?:user|admin|system|developer|person you (?:work|act) for))/i,
  },
  {
    signal: 'markup',
    weight: 2,
    pattern:
      /<\/?\s*(?:important|instructions?|system|admin|prompt|task|user|assistant)\s*\/?>|\[\/?(?:system|inst|instructions?|important)\]|={3,}\s*\w+[^=\n]{0,40}={3,}|#{2,}[ \t]*(?:new )?(?:system|instructions?|prompt|assistant|response)\b[ \t]*:?[ \t]*$/im,
  },
  {
    signal: 'markup',
    weight: 2,
    pattern:
      /[-=*#]{3,}[ \t]*end of (?:the )?(?:document|data|text|context|file|page|message|input|results?|output)\b/i,
  },
  // A tag in capitals is a fence for a reader, not markup of a document.
  { signal: 'markup', weight: 2, pattern: /<[A-Z][A-Z_]{3,}>/ },
  {
    signal: 'addresses-agent',
    weight: 2,
    pattern:
      /\b(?:dear|hey|hi|hello|attention|notes? (?:to|for)|instructions? (?:to|for)|message (?:to|for)|to)[,:]? (?:all |any |every |the |you,? )?(?:(?:an? )?(?:AI|LLM|automated|digital|virtual)[ -]?(?:\w+ )?(?:agents?|assistants?|models?|systems?|bots?)|language models?|(?:the )?(?:assistant|model|agent)\b|chatbots?|AIs?\b|LLMs?\b)/i,
  },
  {
    signal: 'addresses-agent',
    weight: 2,
    pattern:
      /\b(?:if you are|as) an? (?:AI|LLM|(?:AI |automated |virtual )?(?:agent|assistant)|language model|bot)\b|\b(?:all|any|every|your) (?:AI|LLM|automated|autonomous)[ -](?:\w+ )?(?:agents?|assistants?|systems?)\b|\b(?:the|an?) (?:assistant|AI|LLM|(?:AI|language) model|AI (?:agent|tool|assistant)|chatbot) (?:must|should|has to|needs to|is (?:required|expected) to|will (?:now )?have to)\b/i,
  },
  {
    signal: 'speaks-of-agents',
    weight: 1,
    pattern:
      /\b(?:AI|LLM)[ -](?:tools?|agents?|assistants?|models?|systems?)\b|\b(?:your|an?|the) (?:automation|agent|language model|chatbot)\b|\byou are (?:now )?(?:an? )?(?:agent|assistant|AI|bot)\b/i,
  },
  {
    signal: 'closes-data',
    weight: 1,
    pattern:
      /<\/(?:tool[_-]?)?(?:results?|output|response|data|document|context|content|message|email|function[_-]?results?)>|<(?:user|system|assistant|developer)[_-][a-z]+|name="(?:user|system|assistant)[\w-]*"/i,
  },
  {
    signal: 'addresses-reader',
    weight: 1,
    pattern:
      /\b(?:you (?:must|should|need to|have to|are required|are (?:now )?to|are (?:doing|ready)|shall|can(?:not)?|will (?:now)?)|make sure (?:that )?you|your (?:task|job|goal|next step|help)|can you|could you|would you|please|kindly|be so kind|i need you|du (?:musst|sollst)|sie m[üu]ssen|bitte|debes|tienes que|por favor|vous devez|tu dois|veuillez|devi|per favore|voc[êe] deve|je moet)\b/i,
  },
  {
    signal: 'sequence',
    weight: 1,
    pattern:
      /\b(?:before (?:you|doing|continuing|proceeding|going|answering)|after(?:wards?| that| you)|only then|once (?:that|this|it|you)|while you(?:'re| are) at it|first,? (?:do|complete|perform|send|make|call)|do this first|next,? (?:do|send|call|use)|then (?:call|use|send|read|go on|continue|proceed|come back|answer)|to (?:verify|continue|proceed|finish|complete|unlock|gain access)\b[^.\n]{0,40},? (?:you|please|first|complete|do)|zuerst|primero|d'abord|prima)\b/i,
  },
  {
    signal: 'task',
    weight: 1,
    pattern:
      /\b(?:to ?-?do|task|instructions?|steps?|action (?:required|item)s?)\s*:|\b(?:do|perform|execute|complete|follow|comply with|make)(?: with)? (?:the |this |these )?(?:following|this|these|step|instead)\b|\b(?:must|shall) comply\b|\b(?:next|first|final|last|remaining) (?:step|task|move)\b|\b(?:assignment|as follows|required by)\b/i,
  },
  {
    signal: 'task',
    weight: 1,
    pattern: new RegExp(`(?:^|[\\s'"(\\[])TO-?DO\\s*[:\\-]\\s*(?:${DEEDS})\\b`, 'i'),
  },
  {
    signal: 'urgency',
    weight: 1,
    pattern:
      /\b(?:important|urgent|immediately|at once|asap|crucial|attention|mandatory|emergency|wichtig|importante|do not (?:tell|mention|inform|ask)|without (?:asking|confirm\w*|approval|telling)|if you (?:fail|do not|don't)|required|activ(?:e|ated))\b/i,
  },
  {
    signal: 'tool-talk',
    weight: 1,
    pattern: /\b(?:call|invoke|use|run) (?:the |your |a )?(?:[`'"]?\w+[`'"]? )?(?:tool|function|command)\b/i,
  },
  {
    signal: 'imperative',
    weight: 1,
    pattern: new RegExp(
      `(?:^|[.!?:;>\\n"'-][ \\t]*|\\b(?:and|then|please|kindly|must|should|to|you)[ \\t]+)(?:please[ \\t]+)?(?:${DEEDS})\\b\\s+["'\`\\w]`,
      'im',
    ),
  },
]
