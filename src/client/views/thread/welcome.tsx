import { selectChoice } from '../../store/choice.ts'
import { useActions, useStore } from '../../store/react.ts'
import { text } from '../text.ts'
import { Mark } from '../ui/mark.tsx'
import styles from './welcome.module.css'

/** What stands where a conversation will be. */
export function Welcome() {
  const choice = useStore((state) => selectChoice(state, null))
  const actions = useActions()
  const demo = choice?.agent.demo === true
  const suggestions = demo ? text.welcome.forDemo : text.welcome.neutralSuggestions
  return (
    <div className={styles.welcome}>
      <div className={styles.inner}>
        <span className={styles.mark}><Mark size={40} /></span>
        <h2 className={styles.greeting}>{text.welcome.greeting}</h2>
        {demo ? (
          <p className={styles.about}>
            <strong>{text.welcome.demo}</strong> {text.welcome.demoDetail}{' '}
            {text.welcome.demoVariables.map((name) => <code key={name}>{name}</code>)}
          </p>
        ) : (
          <p className={styles.about}>{text.welcome.neutral}</p>
        )}
        <ul role="list" className={styles.suggestions} aria-label={text.welcome.suggestions}>
          {suggestions.map((suggestion) => (
            <li key={suggestion.title}>
              <button type="button" className={styles.suggestion} onClick={() => (demo ? actions.send(null, suggestion.says) : fill(suggestion.says))}>
                <span className={styles.title}>{suggestion.title}</span>
                <span className={styles.detail}>{suggestion.about}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </div>
  )

  function fill(draft: string) {
    actions.setDraft(null, draft)
    document.getElementById('message')?.focus()
  }
}
