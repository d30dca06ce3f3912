/** What became of what somebody did, and what went wrong, in Arabic. */
import type { Text } from '../text.ts'
import type { Formats } from './formats.ts'
import { quoted } from './formats.ts'
import { refusedInArabic } from './refused-ar.ts'

export const actionsInArabic = (f: Formats): Text['actions'] => ({
  busy: 'ما زالت هناك إجابة جارية في هذه المحادثة. انتظرها أو اضغط «إيقاف»، ثم أرسل مرة أخرى.',
  undo: 'تراجع',
  stopFailed: (cause) => `لم يصل طلب الإيقاف. ${cause}`,
  stopAgain: 'إيقاف مرة أخرى',
  choiceNotKept: (cause) => `لم تحتفظ المحادثة بهذا الاختيار. ${cause}`,
  notificationsRefused: 'هذا المتصفح لا يسمح بالإشعارات هنا. اسمح بها في إعداداته لهذا الموقع، ثم حاول مرة أخرى.',
  deletedElsewhere: 'حُذفت هذه المحادثة في نافذة أخرى.',
  noExport: 'هذا الملف ليس تصديرًا من Holdfast. اختر ملف JSON صُدِّر من هنا أو من Holdfast آخر.',
  importUnreadable: 'تعذّرت قراءة هذا الملف. ما يزيد على 500 ميغابايت أكثر مما يقرؤه المتصفح دفعة واحدة: صدّر المحادثات الكبيرة كلًّا على حدة.',
  importLeft: (done, count, title, cause) => `استُورد ${f.number(done)} من ${f.number(count)} من المحادثات. تعذّر استيراد «${quoted(title)}». ${cause}`,
  importCut: (done, count, cause) => `استُورد ${f.number(done)} من ${f.number(count)} من المحادثات، ثم تعذّر استيراد واحدة. ${cause}`,
  imported: (count) => f.plural(count, { zero: 'لم تُستورد أي محادثة.', one: 'استُوردت محادثة واحدة.', two: 'استُوردت محادثتان.', few: 'استُوردت # محادثات.', many: 'استُوردت # محادثة.', other: 'استُوردت # محادثة.' }),
  notChanged: (cause) => `لم تتغير المحادثة. ${cause}`,
  notBroughtBack: (cause) => `تعذّرت استعادة المحادثة. ${cause}`,
  notRenamed: (cause) => `لم يتغير الاسم. ${cause}`,
  archived: (title) => `أُرشفت «${quoted(title)}».`,
  deleted: (title) => (title === null ? 'حُذفت المحادثة.' : `حُذفت «${quoted(title)}».`),
  notDeleted: (cause) => `لم تُحذف المحادثة. ${cause}`,
  unreachable: 'تعذّر الوصول إلى الخادم. تحقق من الشبكة ومن أن الخادم يعمل، ثم حاول مرة أخرى.',
  late: 'لم يُجب الخادم في الوقت المناسب. تحقق من أنه يعمل، ثم حاول مرة أخرى.',
  loginRanOut: 'تسجيل الدخول مطلوب: انتهت جلستك، أو يطلبه ما يقع بين هذه الصفحة والخادم. سجّل الدخول في تبويب آخر ثم حاول مرة أخرى.',
  pageBetween: 'أجاب ما يقع بين هذه الصفحة والخادم بصفحة من عنده، ربما ليطلب تسجيل الدخول. افتح هذه الصفحة في تبويب آخر لترى ما يريد، ثم حاول مرة أخرى.',
  tooLargeBetween: 'شيء ما بين هذه الصفحة والخادم لا يقبل هذا الحجم. ارفع حدّه أو أرسل أقل دفعة واحدة.',
  notAnswering: (status) => `الخادم لا يجيب الآن (${status}). حاول مرة أخرى بعد لحظة.`,
  unreadable: 'تعذّر فهم إجابة الخادم. أعد تحميل الصفحة؛ وإن لم يفد ذلك فهناك ما يغيّر الإجابات بين الصفحة والخادم.',
  noReason: (status) => `أجاب الخادم بالرمز ${status} دون سبب. إن استمر ذلك فانظر في سجلّه.`,
  refused: refusedInArabic,
  pageFailed: (cause) => `تعطلت الصفحة${cause === null ? '' : `: ${cause}`}. أعد تحميلها وحاول مرة أخرى.`,
})
