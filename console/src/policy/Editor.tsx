import { PolicyText } from '../entity/PolicyText'
import type { PolicyEditorProps } from './PolicyEditor'

export default function Editor({ value, onChange, label }: PolicyEditorProps) {
  return <PolicyText value={value} onChange={onChange} label={label ?? 'Policy document'} />
}
