import { useLoad } from '../../api/load'
import { catalogue, type Listed } from '../../policy/catalogue'
import { Link } from '../../shell/Link'
import { List } from '../../shell/List'

/** Services are those of the catalogue, which policies may name. */
export default function Services() {
  const services = useLoad(() => catalogue.services(), [])
  return (
    <List<Listed>
      title="Service reference"
      one="service"
      many="services"
      description="The services whose actions policies allow and deny, with their actions, resource types and condition keys."
      loaded={services}
      id={s => s.service}
      columns={[
        { id: 'title', header: 'Service', text: s => s.title, cell: s => <Link to={'/reference/' + s.service}>{s.title}</Link>, minWidth: 200 },
        { id: 'prefix', header: 'Prefix in policies', text: s => s.service },
      ]}
    />
  )
}
