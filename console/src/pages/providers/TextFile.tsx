import FileUpload from '@cloudscape-design/components/file-upload'

/** TextFile is the choice of one file. */
export function TextFile({ accept, files, set }: { accept: string; files: File[]; set: (files: File[]) => void }) {
  return (
    <FileUpload
      value={files}
      onChange={e => set(e.detail.value.slice(-1))}
      accept={accept}
      showFileSize
      i18nStrings={{
        uploadButtonText: () => 'Choose file',
        dropzoneText: () => 'Drop the file here',
        removeFileAriaLabel: () => 'Remove file',
        limitShowFewer: 'Fewer',
        limitShowMore: 'More',
        errorIconAriaLabel: 'Error',
      }}
    />
  )
}

export const xml = '.xml,application/xml,text/xml'
export const pem = '.pem,.key,application/x-pem-file'
