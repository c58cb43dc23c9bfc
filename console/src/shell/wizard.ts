import type { WizardProps } from '@cloudscape-design/components/wizard'

export function wizardStrings(submit: string): WizardProps.I18nStrings {
  return {
    stepNumberLabel: n => `Step ${n}`,
    collapsedStepsLabel: (n, of) => `Step ${n} of ${of}`,
    skipToButtonLabel: step => `Skip to ${step.title}`,
    navigationAriaLabel: 'Steps',
    cancelButton: 'Cancel',
    previousButton: 'Previous',
    nextButton: 'Next',
    submitButton: submit,
    optional: 'optional',
  }
}
