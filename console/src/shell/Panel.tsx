import Box from '@cloudscape-design/components/box'
import Header from '@cloudscape-design/components/header'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import { useState, type ReactNode } from 'react'
import type { Loaded } from '../api/load'
import { Actions } from './Actions'
import { Failure } from './Failure'

/** Panel is a short list on an entity's page. */
export function Panel<T>(props: {
  title: string
  description?: string
  what: string
  loaded: Loaded<T[]>
  columns: { header: string; cell: (item: T) => ReactNode; width?: number }[]
  id: (item: T) => string
  actions?: (selected: T[]) => ReactNode
}) {
  const [selected, setSelected] = useState<T[]>([])
  const items = props.loaded.value ?? []
  const kept = selected.filter(s => items.some(i => props.id(i) === props.id(s)))
  const columns: TableProps.ColumnDefinition<T>[] = props.columns.map((c, i) => ({
    id: String(i),
    header: c.header,
    cell: item => c.cell(item) || '–',
    isRowHeader: i === 0,
    width: c.width,
  }))
  return (
    <Table
      variant="container"
      items={items}
      trackBy={props.id}
      columnDefinitions={columns}
      selectionType={props.actions ? 'multi' : undefined}
      selectedItems={kept}
      onSelectionChange={e => setSelected(e.detail.selectedItems)}
      loading={props.loaded.loading && items.length === 0}
      loadingText={`Loading ${props.what}`}
      wrapLines
      ariaLabels={{
        tableLabel: props.title,
        selectionGroupLabel: `Selection of ${props.what}`,
        allItemsSelectionLabel: () => `Select all ${props.what}`,
        itemSelectionLabel: (_, item) => `Select ${props.id(item)}`,
      }}
      empty={
        props.loaded.error ? (
          <Failure error={props.loaded.error} what={props.what} retry={props.loaded.reload} />
        ) : (
          <Box textAlign="center" padding="m">
            No {props.what}
          </Box>
        )
      }
      header={
        <Header
          variant="h2"
          counter={props.loaded.value && `(${items.length})`}
          description={props.description}
          actions={
            <Actions>{props.actions?.(kept)}</Actions>
          }
        >
          {props.title}
        </Header>
      }
    />
  )
}
