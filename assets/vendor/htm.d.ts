import it from 'htm';
export default it;
