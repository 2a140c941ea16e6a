export default function User({ params }) {
  return <h1>{`User ${params.id}`}</h1>;
}
