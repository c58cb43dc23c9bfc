import { useCollection } from '@cloudscape-design/collection-hooks'
import Box from '@cloudscape-design/components/box'
import Header from '@cloudscape-design/components/header'
import Pagination from '@cloudscape-design/components/pagination'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import TextFilter from '@cloudscape-design/components/text-filter'
import type { ReactNode } from 'react'
import type { Loaded } from '../api/load'
import { Actions } from './Actions'
import { Failure } from './Failure'

/** page is how many rows a panel shows at a time; a longer list can be searched. */
const page = 25

/** Panel is a list on an entity's page. */
export function Panel<T>(props: {
  title: string
  description?: ReactNode
  what: string
  loaded: Loaded<T[]>
  columns: { header: string; cell: (item: T) => ReactNode; width?: number; minWidth?: number }[]
  id: (item: T) => string
  /** search is the text that a long list is searched by; the id when it is not given. */
  search?: (item: T) => string
  /** actions are on what is selected; buttons need no selection. */
  actions?: (selected: T[]) => ReactNode
  buttons?: ReactNode
  /** single lets one item be selected, and not several. */
  single?: boolean
}) {
  const all = props.loaded.value ?? []
  const long = all.length > page
  const { items, collectionProps, filterProps, paginationProps, filteredItemsCount } = useCollection(all, {
    filtering: {
      filteringFunction: (item, text) => (props.search ?? props.id)(item).toLowerCase().includes(text.toLowerCase()),
      noMatch: 'No matches',
    },
    pagination: { pageSize: page },
    selection: { trackBy: props.id, keepSelection: true },
  })
  const selected = (collectionProps.selectedItems ?? []).filter(s => all.some(i => props.id(i) === props.id(s)))
  const columns: TableProps.ColumnDefinition<T>[] = props.columns.map((c, i) => ({
    id: String(i),
    header: c.header,
    cell: item => c.cell(item) || '–',
    isRowHeader: i === 0,
    width: c.width,
    minWidth: c.minWidth,
  }))
  return (
    <Table
      {...collectionProps}
      selectedItems={selected}
      variant="container"
      items={items}
      trackBy={props.id}
      columnDefinitions={columns}
      selectionType={props.actions ? (props.single ? 'single' : 'multi') : undefined}
      loading={props.loaded.loading && all.length === 0}
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
      filter={
        long && (
          <TextFilter
            {...filterProps}
            filteringPlaceholder={`Search ${props.what}`}
            filteringAriaLabel={`Search ${props.what}`}
            countText={`${filteredItemsCount} ${filteredItemsCount === 1 ? 'match' : 'matches'}`}
          />
        )
      }
      pagination={long && <Pagination {...paginationProps} ariaLabels={{ nextPageLabel: 'Next page', previousPageLabel: 'Previous page', pageLabel: n => `Page ${n}` }} />}
      header={
        <Header variant="h2" counter={props.loaded.value && `(${all.length})`} description={props.description} actions={
            <Actions>
              {props.actions?.(selected)}
              {props.buttons}
            </Actions>
          }>
          {props.title}
        </Header>
      }
    />
  )
}
