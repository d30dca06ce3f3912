/** All texts in Arabic, written from right to left. */
import type { en } from './en.ts'
import { createFormats, joined } from './formats.ts'

const f = createFormats('ar', { second: (count) => `${count} ث`, minute: (count) => `${count} د`, hour: (count) => `${count} س` })

const you = 'أنت'
const characters = (count: number) => f.shortPlural(count, { zero: 'لا أحرف', one: 'حرف واحد', two: 'حرفان', few: '# أحرف', many: '# حرفًا', other: '# حرف' })

export const ar: typeof en = {
  direction: 'rtl',
  format: f,
  characters,
  name: 'Holdfast',
  skipToMessage: 'انتقل إلى حقل الرسالة',
  chats: {
    label: 'المحادثات',
    panel: 'الشريط الجانبي',
    newChat: 'محادثة جديدة',
    show: 'إظهار المحادثات',
    hide: 'إخفاء المحادثات',
    today: 'اليوم',
    yesterday: 'أمس',
    week: 'آخر 7 أيام',
    pinned: 'المثبّتة',
    month: f.month,
    running: 'يجيب الآن',
    unread: 'إجابة جديدة',
    waiting: 'بانتظارك',
    untitled: 'محادثة جديدة',
    options: (title) => `خيارات «${title}»`,
    rename: 'إعادة تسمية',
    renameLabel: 'العنوان الجديد',
    remove: 'حذف',
    loading: 'جارٍ تحميل المحادثات',
    empty: 'ستُحفظ محادثاتك هنا.',
    failed: 'تعذّر تحميل محادثاتك.',
    tryAgain: 'إعادة المحاولة',
    more: 'إظهار المحادثات الأقدم',
  },
  theme: { label: 'المظهر', light: 'فاتح', dark: 'داكن', system: 'مثل الجهاز' },
  thread: {
    label: 'المحادثة',
    loading: 'جارٍ تحميل المحادثة',
    notFound: 'المحادثة غير موجودة',
    missing: 'هذه المحادثة غير موجودة أو حُذفت.',
    missingRemedy: 'ابدأ محادثة جديدة أو اختر أخرى من القائمة.',
    failed: 'تعذّر تحميل هذه المحادثة.',
    tryAgain: 'إعادة المحاولة',
    older: 'إظهار الرسائل الأقدم',
    loadingOlder: 'جارٍ تحميل الرسائل الأقدم…',
    jump: 'الانتقال إلى الأحدث',
  },
  message: {
    you: 'أنت',
    copy: 'نسخ',
    copied: 'نُسخ',
    copyFailed: 'رفض المتصفح النسخ. حدّد النص وانسخه بلوحة المفاتيح.',
    more: 'إظهار الرسالة كاملة',
    less: 'إظهار أقل',
    sending: 'جارٍ الإرسال…',
    notSent: 'لم تُرسل.',
    retry: 'إعادة المحاولة',
    discard: 'تجاهل',
    stopped: 'أُوقفت',
    interrupted: 'فقد الخادم هذه الإجابة',
    interruptedDetail: 'كل ما رأيته محفوظ. لم يُنهِ الوكيل إجابته.',
    failed: 'فشلت الإجابة',
    unsaved: 'لم يحفظها الخادم بعد. ستبقى هنا حتى يحفظها.',
    lostLogin: 'لقد سُجّل خروجك، لذا لم تعد هذه الإجابة تُحدَّث.',
    lostRefused: 'لم يعد الخادم يقدّم هذه الإجابة.',
  },
  thinking: {
    live: 'يفكّر',
    done: (ms) => `فكّر لمدة ${f.duration(ms)}`,
    stopped: (ms) => `فكّر لمدة ${f.duration(ms)} ثم توقف`,
  },
  tool: {
    preparing: 'قيد التحضير',
    running: 'قيد التنفيذ',
    waiting: 'بانتظارك',
    done: 'تم',
    failed: 'فشل',
    stopped: 'أُوقف',
    denied: 'مرفوض',
    input: 'المدخلات',
    output: 'المخرجات',
    error: 'خطأ',
    noOutput: 'لا مخرجات',
    copyInput: 'نسخ المدخلات',
    copyOutput: 'نسخ المخرجات',
    showAll: (length) => `إظهار الكل (${characters(length)})`,
    showLess: 'إظهار أقل',
  },
  approval: {
    expired: 'انتهى التشغيل قبل أن يجيب أحد.',
    sending: 'جارٍ إرسال جوابك…',
    option: (option) => known.get(option) ?? plain(option),
    decided: (decision, by, when) => `${past.get(decision) ?? `اختير «${plain(decision)}»`}، ${by === 'user' ? you : by}، ${when}`,
    you,
    note: (note) => `«${note}»`,
  },
  file: { open: 'فتح الملف' },
  usage: {
    brief: (took, outTokens, dollars) => joined([took, outTokens ? tokens(outTokens) : null, dollars === undefined ? null : f.money(dollars)]),
    detail: (inTokens, reasoningTokens, toolCalls, model) =>
      joined([
        inTokens === undefined ? null : `قُرئ ${tokens(inTokens)}`,
        reasoningTokens ? `للتفكير ${tokens(reasoningTokens)}` : null,
        toolCalls === 0 ? null : f.plural(toolCalls, { one: 'استدعاء أداة واحد', two: 'استدعاءا أداة', few: '# استدعاءات أدوات', many: '# استدعاء أداة', other: '# استدعاء أداة' }),
        model,
      ]),
  },
  composer: {
    label: 'الرسالة',
    placeholder: (agent) => (agent === null ? 'اكتب رسالة' : `اكتب إلى ${agent}`),
    send: 'إرسال',
    stop: 'إيقاف',
    stopping: 'جارٍ الإيقاف…',
    hint: (enterSends, apple) => (enterSends ? 'Enter للإرسال، و Shift + Enter لسطر جديد' : `${apple ? '⌘' : 'Ctrl'} + Enter للإرسال، و Enter لسطر جديد`),
    hintRunning: 'Esc للإيقاف',
    hintBusy: 'أرسل هذه عند انتهاء الإجابة، أو اضغط Esc لإيقافها.',
    region: 'الكتابة',
  },
  agent: {
    choose: (title) => `الوكيل: ${title}`,
    heading: 'الوكلاء',
    models: 'النماذج',
    demo: 'تجريبي',
    theDemo: 'الوكيل التجريبي',
    saysDemo: (title) => /\bdemo\b|تجريبي/i.test(title),
    notReady: 'غير جاهز',
    loading: 'جارٍ البحث عن الوكلاء…',
    none: 'لا وكيل',
  },
  welcome: {
    greeting: 'علامَ نعمل اليوم؟',
    demo: 'أنت تتحدث إلى الوكيل التجريبي المدمج.',
    demoDetail: 'لا يحتاج إلى مفتاح، ويُظهر ما يستطيعه Holdfast. لربط وكيل حقيقي، شغّل الخادم مع',
    demoVariables: ['OPENAI_BASE_URL', 'OPENAI_API_KEY', 'OPENAI_MODEL'],
    neutral: 'حدّث الصفحة أو بدّل المحادثة أو افقد الشبكة: ما رأيته يبقى.',
    suggestions: 'اقتراحات',
    forDemo: [
      { title: 'أرني كل أنواع التنسيق', says: 'Show me every kind of markdown', about: 'جداول وشيفرات وقوائم واقتباسات، مباشرة' },
      { title: 'استخدم أدواتك: ما ناتج (12.5*7)^2؟', says: 'Use your tools: what is (12.5*7)^2?', about: 'استدعاء أدوات بمدخلاتها ومخرجاتها' },
      { title: 'اطلب موافقتي', says: 'Ask me for approval', about: 'ينتظر الوكيل قرارك' },
      { title: 'فكّر ثم أجب ببطء', says: 'Think, then answer slowly', about: 'حدّث الصفحة في المنتصف: لا يضيع شيء' },
    ],
    neutralSuggestions: [
      { title: 'اشرح فكرة صعبة ببساطة', says: 'اشرح فكرة صعبة ببساطة: ', about: 'اختر ما تفهم نصفه' },
      { title: 'ساعدني في تخطيط أسبوعي', says: 'ساعدني في تخطيط أسبوعي: ', about: 'ابدأ بما لا يحتمل التأجيل' },
      { title: 'راجع نصًا كتبته', says: 'راجع نصًا كتبته: ', about: 'ألصقه في الأسفل' },
      { title: 'قارن بين خيارين في جدول', says: 'قارن بين خيارين في جدول: ', about: 'مع ما لكل منهما وما عليه' },
    ],
  },
  connection: {
    reconnecting: 'جارٍ إعادة الاتصال…',
    offline: 'الخادم لا يجيب. جارٍ المحاولة مجددًا…',
    generating: 'يكتب الإجابة',
    done: (answer) => `الإجابة: ${answer}`,
    stopped: 'توقفت.',
    failed: (cause) => `فشلت الإجابة: ${cause}`,
    approval: (question) => `القرار لك: ${question}`,
  },
  toast: { region: 'الإشعارات', dismiss: 'إغلاق' },
  code: { copy: 'نسخ', copied: 'نُسخ', copyLabel: 'نسخ الشيفرة', plain: 'نص' },
  image: {
    open: (alt, host) => (alt === '' ? `فتح الصورة (${host})` : `فتح الصورة «${alt}» (${host})`),
    blocked: (alt) => (alt === '' ? 'صورة بلا عنوان' : `صورة: ${alt}`),
  },
  table: { label: 'جدول' },
  link: { goesTo: (host) => `يفتح ${host}` },
}

function tokens(count: number): string {
  return f.plural(count, { one: 'رمز واحد', two: 'رمزان', few: '# رموز', many: '# رمزًا', other: '# رمز' })
}

// Maps, because an agent may name an option as it likes, `constructor` included.
const known = new Map([['approve', 'موافقة'], ['deny', 'رفض']])
const past = new Map([['approve', 'تمت الموافقة'], ['deny', 'رُفض']])

function plain(word: string): string {
  return word.replaceAll(/[_-]+/g, ' ')
}
