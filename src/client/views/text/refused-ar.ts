/** What the server and the agents say no with, in Arabic. Their own words are English, so the English catalogue passes those on. */
import { LARGEST_FILE_MB } from '../../../shared/files.ts'
import type { Why } from '../../../shared/protocol.ts'
import type { RefusalCode } from '../../../shared/refusals.ts'
import { quoted } from './formats.ts'

const refusals: Readonly<Record<RefusalCode, string | ((about: string) => string)>> = {
  'not-found': 'لم يعد هذا موجودًا على الخادم. ربما حُذف.',
  malformed: 'لم يفهم الخادم هذا الطلب. أعد تحميل الصفحة.',
  'other-site': 'تُرفض الطلبات القادمة من مواقع أخرى. افتح هذه الصفحة بكتابة عنوانها.',
  'unknown-host': 'هذا الخادم لا يجيب بهذا الاسم. افتحه بعنوانه، أو أضف الاسم إلى ALLOWED_HOSTS.',
  'request-too-large': 'الطلب أكبر من 1 ميغابايت. أرسل أقل دفعة واحدة.',
  'shutting-down': 'الخادم قيد الإيقاف. حاول مرة أخرى بعد لحظة.',
  'store-refused': 'لا تستطيع قاعدة البيانات إعطاء هذا أو حفظه؛ قد تكون تالفة. سجل الخادم يسمّي الملف ويقول ما العمل.',
  'store-down': 'قاعدة البيانات لا تجيب الآن؛ لم يتغير شيء. حاول مرة أخرى بعد لحظة.',
  'server-mistake': 'وقع خطأ في الخادم، وسجلّه يقول المزيد. حاول مرة أخرى.',
  'too-many-pages': 'تتابع صفحات كثيرة الإجابات على هذا الخادم فلا يقبل المزيد. أغلق بعضها.',
  'too-many-runs': 'على هذا الخادم إجابات جارية كثيرة فلا يبدأ المزيد. انتظر حتى يكتمل بعضها.',
  busy: 'ما زالت هناك إجابة جارية في هذه المحادثة. أوقفها أو انتظر اكتمالها.',
  'queue-full': 'تنتظر رسائل كثيرة في هذه المحادثة فلا تقبل المزيد. أرسل بعضها أو أزله أولًا.',
  'cannot-wait': 'الرسائل وحدها تنتظر دورها. أرسل هذا مرة أخرى عندما تكتمل الإجابة.',
  'cannot-steer': 'هذا الوكيل لا يتلقى شيئًا أثناء عمله. دع الرسالة تنتظر أو أرسلها الآن.',
  'id-taken': 'أُرسل هذا المعرّف من قبل بنص آخر. أرسل الرسالة من جديد.',
  'message-gone': 'الرسالة المقصودة ليست في هذه المحادثة. أعد تحميل المحادثة.',
  'not-saved-yet': 'ما زالت هذه الإجابة تُكتب أو تُحفظ. حاول مرة أخرى بعد لحظة.',
  'unknown-agent': (about) => `لا يوجد وكيل باسم «${about}». اختر وكيلًا آخر.`,
  'agent-not-ready': 'هذا الوكيل غير جاهز.',
  'agent-not-set-up': 'لم يُعدّ هذا الوكيل. عيّن OPENAI_BASE_URL إلى عنوان خادم يتحدث واجهة محادثة OpenAI، وOPENAI_API_KEY إن كان يطلب مفتاحًا، وOPENAI_MODEL، ثم أعد تشغيل الخادم.',
  'agent-key-unreadable': 'تعذّرت قراءة المفتاح المحفوظ لأن مفتاح الخادم نفسه تغيّر. أدخل المفتاح من جديد.',
  'key-file-unusable': (about) => `لا يستطيع الخادم استخدام ملف مفتاحه${about === '' ? '' : ` ${about}`}. امنحه حق قراءته وكتابته، أو عيّن HOLDFAST_KEY.`,
  'takes-no-files': (about) => `${about} لا يقبل الملفات. أزلها أو اختر وكيلًا آخر.`,
  'already-answered': 'أُجيب عن هذا من قبل، والعبرة بالإجابة الأولى.',
  'other-input': 'ما يُطلب الإذن به ليس ما عرضته هذه الصفحة، فلم يُنفَّذ شيء. اقرأ ما يُعرض الآن ثم أجب؛ وإن تكرر هذا فأعد تحميل الصفحة.',
  'not-offered': 'ليست هذه الإجابة من الخيارات المعروضة.',
  'run-ended': 'انتهى التشغيل قبل الإجابة عن هذا، فلم يُنفَّذ شيء. اسأل مرة أخرى إن كنت لا تزال تريده.',
  'file-missing': 'لم يعد أحد ملفات هذه الرسالة على الخادم. أرفقه مرة أخرى أو أرسل الرسالة بدونه.',
  'file-too-large': `الملف أكبر من ${LARGEST_FILE_MB} ميغابايت. اختر ملفًا أصغر.`,
  'file-conflict': 'أُرسل ملف آخر بهذا المعرّف. أرفق الملف مرة أخرى.',
  'file-broke-off': 'انقطع الرفع قبل أن يكتمل الملف. حاول مرة أخرى.',
  'no-room': 'لا مكان لهذا الملف على قرص الخادم. أفرغ بعض المساحة ثم حاول مرة أخرى.',
  'not-an-export': 'هذه ليست محادثة مصدَّرة يمكن قراءتها.',
  'export-too-large': 'المحادثة أكبر من 256 ميغابايت، وهذا أكثر مما يمكن استيراده.',
  'export-file-too-large': (about) => `الملف «${about}» في هذه المحادثة أكبر من ${LARGEST_FILE_MB} ميغابايت.`,
  'export-file-conflict': (about) => `يوجد هنا ملف آخر بمعرّف «${about}».`,
}

/** Of these the server's own words say more than what is said here. */
const saysMore: ReadonlySet<string> = new Set<RefusalCode>(['agent-not-ready', 'not-an-export'])

/** Why an agent failed, by `RunError.code`. Maps, because an agent may name its errors as it likes. */
const failures = new Map([
  ['provider_error', 'أخفق مزوّد النموذج.'],
  ['rate_limited', 'المزوّد مشغول أو بلغتَ حدًّا لديه. حاول مرة أخرى بعد قليل.'],
  ['provider_closed', 'أغلق المزوّد الاتصال قبل أن تكتمل الإجابة.'],
  ['idle', 'لم يقل المزوّد شيئًا لمدة طويلة.'],
  ['unauthorised', 'يطلب المزوّد مفتاحًا صالحًا. أدخله في الإعدادات ← الوكلاء، أو في OPENAI_API_KEY.'],
  ['unknown_model', 'لا يعرف المزوّد هذا النموذج. اختر نموذجًا آخر.'],
  ['bad_response', 'أرسل المزوّد ما لا يمكن فهمه، ففُقد باقي الإجابة.'],
  ['unknown_agent', 'لم يعد هذا الوكيل موجودًا. اختر وكيلًا آخر وحاول مرة أخرى.'],
  ['agent_error', 'تعطّل الوكيل.'],
  ['empty_answer', 'انتهى الوكيل دون إجابة. حاول مرة أخرى أو اختر نموذجًا آخر.'],
  ['too_large', 'كبرت الإجابة فوق ما يحفظه هذا الخادم فأُنهيت. اطلب أقل دفعة واحدة.'],
  ['interrupted', 'فقد الخادم هذه الإجابة. كل ما رأيته محفوظ.'],
])

/** These say all there is to say. */
const saysAll: ReadonlySet<string> = new Set(['unknown_agent', 'empty_answer', 'interrupted', 'provider_closed', 'too_large'])

export function refusedInArabic(code: string | null, about: string, detail: string): string {
  const known = code !== null && Object.hasOwn(refusals, code) ? refusals[code as RefusalCode] : undefined
  if (known === undefined) return `رفض الخادم ذلك: ${quoted(detail)}`
  const said = typeof known === 'string' ? known : known(about === '' ? '' : quoted(about))
  return code !== null && saysMore.has(code) ? `${said} ${quoted(detail)}` : said
}

export function failureInArabic(code: string, message: string): string {
  const said = failures.get(code)
  if (said === undefined) return Object.hasOwn(refusals, code) ? refusedInArabic(code, '', message) : quoted(message)
  return saysAll.has(code) ? said : `${said} ${quoted(message)}`
}

export function missingInArabic(why: Why | undefined, detail: string): string {
  const known = why !== undefined && Object.hasOwn(refusals, why.code)
  return known ? refusedInArabic(why.code, why.about ?? '', detail) : refusedInArabic('agent-not-ready', '', detail)
}
