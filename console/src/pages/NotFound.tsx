import Box from '@cloudscape-design/components/box'

export default function NotFound() {
  return (
    <Box padding="xxl" textAlign="center">
      <Box variant="h1">There is nothing here</Box>
      <Box variant="p">The page may have moved, or what it showed was deleted.</Box>
    </Box>
  )
}
