import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import CollectionPreferences, { type CollectionPreferencesProps } from '@cloudscape-design/components/collection-preferences'
import Header from '@cloudscape-design/components/header'
import Pagination from '@cloudscape-design/components/pagination'
import PropertyFilter, { type PropertyFilterProps } from '@cloudscape-design/components/property-filter'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import { useCollection } from '@cloudscape-design/collection-hooks'
import { useRef, useState, type ReactNode } from 'react'
import { useSearchParams } from 'react-router'
import type { Loaded } from '../api/load'
import { Actions } from './Actions'
import { Failure } from './Failure'
import { fromAddress, toAddress } from './filter'

/** Column is a column of a list that can be searched and sorted by its text. */
export interface Column<T> {
  id: string
  header: string
  text: (item: T) => string
  cell?: (item: T) => ReactNode
  /** order is what the column is sorted by, when its text is not. */
  order?: (item: T) => number
  /** few says that the column has few values, which the search offers. */
  few?: boolean
  hidden?: boolean
  /** minWidth keeps a column of few words on one line, in pixels. */
  minWidth?: number
}

/**
 * List shows everything of one kind: search by property, sorting, paging, choice of
 * columns, and the states of nothing, loading and failing.
 */
export function List<T>(props: {
  title: string
  description?: string
  /** one and many name the items: "user", "users". */
  one: string
  many: string
  loaded: Loaded<T[]>
  columns: Column<T>[]
  id: (item: T) => string
  /** actions are on what is selected; buttons need no selection. */
  actions?: (selected: T[]) => ReactNode
  buttons?: ReactNode
}) {
  const { loaded, columns, many } = props
  const [preferences, setPreferences] = useState<CollectionPreferencesProps.Preferences>({
    pageSize: 25,
    contentDisplay: columns.map(c => ({ id: c.id, visible: !c.hidden })),
  })
  const [params, setParams] = useSearchParams()
  const all = loaded.value ?? []
  const filteringProperties = columns.map(c => ({
    key: c.id,
    propertyLabel: c.header,
    groupValuesLabel: c.header,
    operators: [':', '!:', '=', '!='] as PropertyFilterProps.ComparisonOperator[],
  }))
  type Row = { item: T } & Record<string, unknown>
  // Thousands of items are written out once, and again only when they come anew.
  const written = useRef(new WeakMap<object, Row>())
  const row = (item: T) => {
    const known = written.current.get(item as object)
    if (known) return known
    const made = { item, ...Object.fromEntries(columns.map(c => [c.id, c.text(item)])) } as Row
    written.current.set(item as object, made)
    return made
  }
  const rows = all.map(row)
  const { items, collectionProps, paginationProps, propertyFilterProps, filteredItemsCount, actions } = useCollection(
    rows,
    {
      propertyFiltering: {
        filteringProperties,
        defaultQuery: fromAddress(params, columns.map(c => c.id)),
        empty: <Nothing text={`No ${many}`} />,
        noMatch: (
          <Nothing text="No matches">
            <Button
              onClick={() => {
                actions.setPropertyFiltering({ tokens: [], operation: 'and' })
                setParams(toAddress(params, { tokens: [], operation: 'and' }), { replace: true })
              }}
            >
              Clear filter
            </Button>
          </Nothing>
        ),
      },
      pagination: { pageSize: preferences.pageSize ?? 25 },
      sorting: { defaultState: { sortingColumn: { sortingField: columns[0]?.id ?? '' } } },
      selection: { trackBy: row => props.id(row.item) },
    },
  )
  const selected = (collectionProps.selectedItems ?? []).map(r => r.item)
  const definitions: TableProps.ColumnDefinition<Row>[] = columns.map(c => ({
    id: c.id,
    header: c.header,
    sortingField: c.id,
    sortingComparator: c.order && ((a, b) => c.order!(a.item) - c.order!(b.item)),
    cell: row => (c.cell ? c.cell(row.item) : c.text(row.item)) || '–',
    isRowHeader: c === columns[0],
    minWidth: c.minWidth,
  }))
  const options = columns
    .filter(c => c.few)
    .flatMap(c => [...new Set(rows.map(r => String(r[c.id])))].filter(v => v !== '').map(value => ({ propertyKey: c.id, value })))
  return (
    <Table
      {...collectionProps}
      variant="full-page"
      stickyHeader
      items={items}
      columnDefinitions={definitions}
      columnDisplay={preferences.contentDisplay}
      selectionType={props.actions ? 'multi' : undefined}
      loading={loaded.loading && all.length === 0}
      loadingText={`Loading ${many}`}
      empty={loaded.error ? <Failure error={loaded.error} what={many} retry={loaded.reload} /> : collectionProps.empty}
      ariaLabels={{
        tableLabel: props.title,
        allItemsSelectionLabel: () => `Select all ${many}`,
        itemSelectionLabel: (_, row) => `Select ${props.id(row.item)}`,
        selectionGroupLabel: `Selection of ${many}`,
      }}
      header={
        <Header
          variant="awsui-h1-sticky"
          counter={loaded.value && `(${selected.length > 0 ? `${selected.length}/` : ''}${all.length}${loaded.loading ? '+' : ''})`}
          description={props.description}
          actions={
            <Actions>
              <Button iconName="refresh" ariaLabel={`Load ${many} again`} onClick={loaded.reload} loading={loaded.loading} />
              {props.actions?.(selected)}
              {props.buttons}
            </Actions>
          }
        >
          {props.title}
        </Header>
      }
      filter={
        <PropertyFilter
          {...propertyFilterProps}
          onChange={e => {
            propertyFilterProps.onChange(e)
            setParams(toAddress(params, e.detail), { replace: true })
          }}
          filteringOptions={options}
          filteringPlaceholder={`Search ${many}`}
          filteringAriaLabel={`Search ${many}`}
          countText={filteredItemsCount === undefined ? '' : `${filteredItemsCount} ${filteredItemsCount === 1 ? 'match' : 'matches'}`}
          i18nStrings={filterStrings}
        />
      }
      pagination={<Pagination {...paginationProps} ariaLabels={{ nextPageLabel: 'Next page', previousPageLabel: 'Previous page', pageLabel: n => `Page ${n}` }} />}
      preferences={
        <CollectionPreferences
          title="Preferences"
          confirmLabel="Confirm"
          cancelLabel="Cancel"
          preferences={preferences}
          onConfirm={e => setPreferences(e.detail)}
          pageSizePreference={{ title: 'Rows on a page', options: [25, 50, 100].map(value => ({ value, label: `${value} ${many}` })) }}
          contentDisplayPreference={{ title: 'Columns', options: columns.map((c, i) => ({ id: c.id, label: c.header, alwaysVisible: i === 0 })) }}
        />
      }
    />
  )
}

function Nothing({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <Box textAlign="center" color="inherit" padding="l">
      <SpaceBetween size="s">
        <b>{text}</b>
        {children}
      </SpaceBetween>
    </Box>
  )
}

/** filterStrings are the texts of a property filter. */
export const filterStrings: PropertyFilterProps.I18nStrings = {
  dismissAriaLabel: 'Dismiss',
  groupValuesText: 'Values',
  groupPropertiesText: 'Properties',
  operatorsText: 'Operators',
  operationAndText: 'and',
  operationOrText: 'or',
  operatorContainsText: 'Contains',
  operatorDoesNotContainText: 'Does not contain',
  operatorEqualsText: 'Equals',
  operatorDoesNotEqualText: 'Does not equal',
  editTokenHeader: 'Edit filter',
  propertyText: 'Property',
  operatorText: 'Operator',
  valueText: 'Value',
  cancelActionText: 'Cancel',
  applyActionText: 'Apply',
  allPropertiesLabel: 'All properties',
  clearFiltersText: 'Clear filters',
  removeTokenButtonAriaLabel: token => `Remove ${token.propertyKey ?? ''} ${token.operator} ${token.value}`,
  enteredTextLabel: text => `Use: "${text}"`,
}
