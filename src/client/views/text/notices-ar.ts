/** What agents tell while they work, in Arabic. They speak English, so the English catalogue passes their words on. */
import type { NoticeCode, NoticeSentences } from '../../../shared/notices.ts'
import type { Notice } from '../../../shared/protocol.ts'
import type { Formats } from './formats.ts'
import { quoted } from './formats.ts'

const sentences = (f: Formats): NoticeSentences => {
  const later = (seconds: number) => `سيُحاوَل مرة أخرى بعد ${f.duration(seconds * 1000)}.`
  const file = (name: string) => `«${quoted(name)}»`
  return {
    'model-without-tools': () => 'لا يستطيع هذا النموذج استخدام الأدوات، فيجيب من دونها.',
    'model-without-pictures': () => 'لا يقبل هذا النموذج الصور، فلا يُعطى سوى أسمائها.',
    'model-without-pdfs': () => 'لا يقبل هذا النموذج ملفات PDF، فلا يُعطى سوى أسمائها.',
    'provider-unreachable': ({ seconds }) => `تعذّر الوصول إلى المزوّد. ${later(seconds)}`,
    'provider-busy': ({ seconds }) => `المزوّد مشغول. ${later(seconds)}`,
    'provider-trouble': ({ seconds, status }) => `لدى المزوّد مشكلة (${status}). ${later(seconds)}`,
    'answer-too-long': () => 'بلغت الإجابة أقصى طول يسمح به النموذج فقُطعت.',
    'answer-filtered': () => 'أنهى مرشّح المحتوى لدى المزوّد الإجابة.',
    'too-many-steps': ({ rounds }) => `توقّف بعد ${f.plural(rounds, { one: 'جولة واحدة', two: 'جولتين', few: '# جولات', many: '# جولة', other: '# جولة' })} من استدعاءات الأدوات. أرسل «تابع» ليواصل.`,
    'file-left-out': ({ name }) => `تعذّر إعطاء ${file(name)} للنموذج: لم يعد موجودًا، أو حجم الملفات كبير جدًا.`,
    'file-name-only': ({ name }) => `لا يُعطى النموذج سوى اسم ${file(name)}، فهو يقبل الصور وملفات PDF والنصوص.`,
    'file-cut': ({ name }) => `لا يُعطى النموذج سوى بداية ${file(name)}، فالملف كاملًا لا يترك مكانًا للمحادثة.`,
  }
}

/** Of an older server, or of one that knows more, its own words. */
export function noticesInArabic(f: Formats): (notice: Notice) => string {
  const said = sentences(f)
  return ({ code, values, text }) => (code === undefined || !Object.hasOwn(said, code) ? quoted(text) : (said[code as NoticeCode] as (about: unknown) => string)(values ?? {}))
}
