import ace from 'ace-builds/src-min-noconflict/ace'
import 'ace-builds/src-min-noconflict/ext-language_tools'
import 'ace-builds/src-min-noconflict/mode-json'
import 'ace-builds/src-min-noconflict/theme-cloud_editor'
import 'ace-builds/src-min-noconflict/theme-cloud_editor_dark'
import 'ace-builds/css/ace.css'
import 'ace-builds/css/theme/cloud_editor.css'
import 'ace-builds/css/theme/cloud_editor_dark.css'
import CodeEditor, { type CodeEditorProps } from '@cloudscape-design/components/code-editor'
import { useState } from 'react'

// Styles come from files: the Content-Security-Policy lets nothing inline in. JSON is
// checked by the server, so that no worker is needed.
ace.config.set('useStrictCSP', true)
ace.config.setDefaultValue('session', 'useWorker', false)

/** PolicyText shows or edits a policy document. */
export function PolicyText({ value, onChange, label, height }: { value: string; onChange?: (value: string) => void; label: string; height?: number }) {
  const [preferences, setPreferences] = useState<Partial<CodeEditorProps.Preferences>>({ wrapLines: true })
  return (
    <CodeEditor
      ace={ace}
      language="json"
      value={value}
      onDelayedChange={e => onChange?.(e.detail.value)}
      preferences={preferences}
      onPreferencesChange={e => setPreferences(e.detail)}
      themes={{ light: ['cloud_editor'], dark: ['cloud_editor_dark'] }}
      editorContentHeight={height ?? 320}
      ariaLabel={label}
      i18nStrings={{
        loadingState: 'Loading the editor',
        errorState: 'The editor could not be loaded.',
        errorStateRecovery: 'Try again',
        editorGroupAriaLabel: label,
        statusBarGroupAriaLabel: 'Status bar',
        cursorPosition: (row, column) => `Line ${row}, column ${column}`,
        errorsTab: 'Errors',
        warningsTab: 'Warnings',
        preferencesButtonAriaLabel: 'Preferences',
        paneCloseButtonAriaLabel: 'Close',
        preferencesModalHeader: 'Preferences',
        preferencesModalCancel: 'Cancel',
        preferencesModalConfirm: 'Confirm',
        preferencesModalWrapLines: 'Wrap lines',
        preferencesModalTheme: 'Theme',
        preferencesModalLightThemes: 'Light themes',
        preferencesModalDarkThemes: 'Dark themes',
      }}
    />
  )
}

/** pretty is a document with one member on each line; what isn't JSON stays as it is. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
