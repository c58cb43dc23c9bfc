import FormField from '@cloudscape-design/components/form-field'
import Multiselect, { type MultiselectProps } from '@cloudscape-design/components/multiselect'
import Select from '@cloudscape-design/components/select'
import { call, pages, size } from '../api/client'
import { managed } from '../api/iam'
import type { Policy } from '../api/iam.gen'
import { useLoad } from '../api/load'
import { Failure } from '../shell/Failure'

/** usePolicies are all managed policies that can be attached. */
export function usePolicies() {
  return useLoad<Policy[]>(show => pages(Marker => call('iam', 'ListPolicies', { Marker, MaxItems: size(Marker) }), out => out.Policies, show), [])
}

/** policyOptions are policies as a choice offers them. */
export function policyOptions(policies: Policy[] | undefined, without: (string | undefined)[] = []): MultiselectProps.Option[] {
  return (policies ?? [])
    .filter(p => !without.includes(p.Arn))
    .map(p => ({ value: p.Arn ?? '', label: p.PolicyName ?? '', description: p.Description, tags: [managed(p.Arn ?? '') ? 'AWS managed' : 'Customer managed'] }))
}

/** ChoosePolicies is the choice of policies to attach. */
export function ChoosePolicies({ chosen, set, without, optional }: { chosen: readonly MultiselectProps.Option[]; set: (o: readonly MultiselectProps.Option[]) => void; without?: (string | undefined)[]; optional?: boolean }) {
  const policies = usePolicies()
  if (policies.error) return <Failure error={policies.error} what="policies" retry={policies.reload} />
  return (
    <FormField label={optional ? 'Policies – optional' : 'Policies'}>
      <Multiselect
        selectedOptions={chosen}
        onChange={e => set(e.detail.selectedOptions)}
        options={policyOptions(policies.value, without)}
        statusType={policies.loading ? 'loading' : 'finished'}
        loadingText="Loading policies"
        filteringType="auto"
        filteringPlaceholder="Search policies"
        filteringAriaLabel="Search policies"
        placeholder="Choose policies"
        empty="No other policies"
        virtualScroll
        deselectAriaLabel={o => `Leave out ${o.label}`}
        ariaLabel="Policies"
      />
    </FormField>
  )
}

/** Chosen is the one option that is chosen. */
export interface Chosen {
  value?: string
  label?: string
}

/** ChoosePolicy is the choice of one policy. */
export function ChoosePolicy({ chosen, set, label, placeholder }: { chosen: Chosen | null; set: (o: Chosen) => void; label: string; placeholder: string }) {
  const policies = usePolicies()
  return (
    <Select
      selectedOption={chosen}
      onChange={e => set(e.detail.selectedOption)}
      options={policyOptions(policies.value)}
      statusType={policies.error ? 'error' : policies.loading ? 'loading' : 'finished'}
      errorText={policies.error?.message}
      loadingText="Loading policies"
      filteringType="auto"
      filteringPlaceholder="Search policies"
      filteringAriaLabel="Search policies"
      virtualScroll
      placeholder={placeholder}
      ariaLabel={label}
    />
  )
}
