export const dynamicParams = false;

export const generateStaticParams = () => ['7', '8'].map((id) => ({ id }));

export default async function User({ params }) {
  return <h1>{`User ${(await params).id}`}</h1>;
}
