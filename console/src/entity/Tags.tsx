import AttributeEditor from '@cloudscape-design/components/attribute-editor'
import Button from '@cloudscape-design/components/button'
import Input from '@cloudscape-design/components/input'
import { useState } from 'react'
import { pages } from '../api/client'
import { iam } from '../api/iam'
import type { Tag } from '../api/iam.gen'
import { useLoad } from '../api/load'
import { Ask } from '../shell/Confirm'
import { Panel } from '../shell/Panel'
import { useTell } from '../shell/notices'

/**
 * Tags are those of one entity. word is the entity's in operations' names ("User",
 * "OpenIDConnectProvider"), target the parameter that names it.
 */
export function Tags({ word, target }: { word: string; target: Record<string, string> }) {
  const tell = useTell()
  const [editing, setEditing] = useState(false)
  const tags = useLoad<Tag[]>(
    () => pages(Marker => iam<{ Tags?: Tag[]; IsTruncated?: boolean; Marker?: string }>(`List${word}Tags`, { ...target, Marker }), out => out.Tags),
    [word, JSON.stringify(target)],
  )
  return (
    <>
      <Panel
        title="Tags"
        what="tags"
        description="Tags can be tested in policies as aws:ResourceTag and, of a principal, aws:PrincipalTag."
        loaded={tags}
        id={t => t.Key}
        columns={[
          { header: 'Key', cell: t => t.Key },
          { header: 'Value', cell: t => t.Value },
        ]}
        buttons={<Button onClick={() => setEditing(true)}>Manage tags</Button>}
      />
      {editing && (
        <EditTags
          before={tags.value ?? []}
          close={() => setEditing(false)}
          act={async after => {
            const gone = (tags.value ?? []).filter(t => !after.some(a => a.Key === t.Key)).map(t => t.Key)
            if (gone.length > 0) await iam(`Untag${word}`, { ...target, TagKeys: gone })
            const changed = after.filter(a => !(tags.value ?? []).some(t => t.Key === a.Key && t.Value === a.Value))
            if (changed.length > 0) await iam(`Tag${word}`, { ...target, Tags: changed })
            tell({ type: 'success', content: 'Tags updated.' })
            tags.reload()
          }}
        />
      )}
    </>
  )
}

function EditTags(props: { before: Tag[]; act: (after: Tag[]) => Promise<void>; close: () => void }) {
  const [items, setItems] = useState(props.before)
  return (
    <Ask title="Manage tags" submit="Save" size="large" close={props.close} ready={items.every(t => t.Key !== '')} act={() => props.act(items)}>
      <TagFields items={items} set={setItems} />
    </Ask>
  )
}

/** TagFields are the keys and values of tags that are to be set. */
export function TagFields({ items, set }: { items: Tag[]; set: (items: Tag[]) => void }) {
  const change = (i: number, part: Partial<Tag>) => set(items.map((t, n) => (n === i ? { ...t, ...part } : t)))
  return (
    <AttributeEditor
      items={items}
      addButtonText="Add tag"
      removeButtonText="Remove"
      empty="No tags"
      onAddButtonClick={() => set([...items, { Key: '', Value: '' }])}
      onRemoveButtonClick={e => set(items.filter((_, n) => n !== e.detail.itemIndex))}
      definition={[
        { label: 'Key', control: (t, i) => <Input value={t.Key} onChange={e => change(i, { Key: e.detail.value })} placeholder="Key" ariaLabel={`Key of tag ${i + 1}`} /> },
        { label: 'Value', control: (t, i) => <Input value={t.Value} onChange={e => change(i, { Value: e.detail.value })} placeholder="Value" ariaLabel={`Value of tag ${i + 1}`} /> },
      ]}
    />
  )
}
